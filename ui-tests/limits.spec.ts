import { expect, test } from '@playwright/test';

import { Lab } from './lab';
import { SLOW } from './scripts';

const MANY = 5000;

/** A finished job as the server writes it; a higher number is a newer one. */
function finished(number: number): object {
  const at = new Date(Date.UTC(2026, 0, 1) + number * 60_000)
    .toISOString()
    .replace('Z', '000Z');
  return {
    id: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    name: `job${number}.py`,
    kind: 'script',
    state: 'COMPLETE',
    revision: 1,
    seq: number,
    owner: 'ann',
    cluster: 'local',
    script: { path: `job${number}.py`, sha256: '', size: 1 },
    settings: {
      workers: 1,
      parameters: {},
      priority: 5,
      timeout: null,
      retries: { count: 0, backoff: 10, on: [] }
    },
    progress: null,
    exit_code: 0,
    attempt: 1,
    error: null,
    log_size: 0,
    created_at: at,
    queued_at: at,
    started_at: at,
    finished_at: at,
    cancel_requested_at: null,
    not_before: null
  };
}

test('thousands of jobs cost no more than a screen of them', async ({
  page
}) => {
  await page.route(/datachain-jobs\/api\/jobs\?/, route => {
    const query = new URL(route.request().url()).searchParams;
    const newest = Number(query.get('cursor') ?? MANY);
    const count = Math.min(Number(query.get('limit') ?? 50), newest);
    const items = Array.from({ length: count }, (_, i) => finished(newest - i));
    const rest = newest - count;
    return route.fulfill({
      json: { items, next: rest > 0 ? String(rest) : null, seq: 0 }
    });
  });
  // No news: only the jobs above exist.
  await page.routeWebSocket(/datachain-jobs\/api\/ws/, socket => {
    socket.send('{"type":"hello","protocol":1,"version":"","server_id":""}');
  });
  const lab = await Lab.open(page, 'many');
  await lab.showJobs();
  await expect(lab.job(`job${MANY}.py`)).toBeFocused();
  // Each End goes to the last one loaded, and has the next page read.
  const focused = page.locator('[role=option]:focus');
  await expect(async () => {
    await page.keyboard.press('End');
    const name = await focused
      .locator('.jp-DataChainJobs-name')
      .innerText({ timeout: 1000 });
    expect(Number(name.match(/\d+/)![0])).toBeLessThan(MANY - 200);
  }).toPass({ timeout: 20_000 });
  expect(await lab.jobs.locator('[data-job-id]').count()).toBeLessThan(60);
  await page.keyboard.press('Home');
  await expect(lab.job(`job${MANY}.py`)).toBeFocused();
});

test('where no websocket gets through, state and log still move', async ({
  page
}) => {
  await page.routeWebSocket(/datachain-jobs\/api\/ws/, socket =>
    socket.close()
  );
  const lab = await Lab.open(page, 'polling');
  await lab.openScript('polled.py', SLOW);
  await lab.run();
  await lab.state('RUNNING');
  await expect.poll(() => lab.newestLine()).toBeGreaterThan(3);
  const before = await lab.newestLine();
  await expect.poll(() => lab.newestLine()).toBeGreaterThan(before + 10);
  await lab.showJobs();
  await expect(lab.jobs).toContainText('No live connection');
  await lab.stop();
  await lab.state('CANCELED');
});
