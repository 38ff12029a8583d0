import { expect, test, type Page } from '@playwright/test';

import { Lab } from './lab';

/** Waits for longer than a test; it ends at once when it is told to. */
const BLOCKER = `import time
time.sleep(600)
`;

/** Fails the first time, and then runs until it is stopped. */
const SECOND_TIME = `import pathlib, time

seen = pathlib.Path("SEEN")
if not seen.exists():
    seen.touch()
    print("line of attempt one", flush=True)
    raise ValueError("not yet")
print("line of attempt two", flush=True)
time.sleep(600)
`;

/** Takes no hint. */
const STUBBORN = `import signal, time

signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True:
    time.sleep(1)
`;

/** The whole server, until the test lets go of it. */
async function block(lab: Lab): Promise<string> {
  const { max_workers } = await lab.api<{ max_workers: number }>('status');
  return lab.submit('blocker.py', BLOCKER, { workers: max_workers });
}

test.afterEach(async ({ page }) => {
  // What a failed test leaves behind would block the next one.
  await new Lab(page, '').stopAll();
});

test('a queued job says where it is and why, and moves up', async ({
  page
}) => {
  const lab = await Lab.open(page, 'queue');
  await lab.showJobs();
  await lab.narrow(260);
  const blocker = await block(lab);
  await expect(lab.job('blocker.py')).toContainText('RUNNING');
  await lab.submit('queued-wide.py', BLOCKER, { workers: 2 });
  await lab.submit('queued-second.py', BLOCKER, {});
  await lab.submit('queued-third.py', BLOCKER, { priority: 4 });
  await expect(lab.job('queued-wide.py')).toContainText(
    'next · waits for 2 slots'
  );
  await expect(lab.job('queued-second.py')).toContainText('2nd in queue');
  await expect(lab.job('queued-third.py')).toContainText('3rd in queue');
  await expect(lab.job('queued-third.py')).toContainText('priority 4');
  await expect(lab.job('queued-wide.py')).toHaveAttribute(
    'aria-description',
    /It is next and needs 2 worker slots.*blocker\.py/
  );
  expect(
    await cut(lab.job('queued-wide.py').locator('.jp-DataChainJobs-note'))
  ).toBe(false);
  await lab.pictures('queue');

  // From the menu of a row.
  await lab.job('queued-third.py').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Raise Priority' }).click();
  await expect(lab.job('queued-third.py')).not.toContainText('priority');
  await lab.execute('datachain-jobs:set-priority', {
    id: await lab.job('queued-third.py').getAttribute('data-job-id'),
    priority: 9
  });
  await expect(lab.job('queued-third.py')).toContainText('priority 9');
  await expect(lab.job('queued-third.py')).toContainText('next');
  await expect(lab.job('queued-second.py')).toContainText('3rd in queue');

  // In its tab, which says the whole sentence.
  await lab.job('queued-second.py').click();
  await expect(lab.document).toContainText('2 jobs are before it.');
  await lab.document.getByLabel('Priority').selectOption('10');
  await expect(lab.job('queued-second.py')).toContainText('priority 10');
  await expect(lab.job('queued-third.py')).toContainText('2nd in queue');
  await lab.pictures('queue-tab');
  await lab.job('queued-second.py').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Set Priority…' }).click();
  await expect(page.getByRole('dialog')).toContainText(
    'Priority of queued-second.py'
  );
  await page.keyboard.press('Escape');

  // The slots are free: who is first now starts.
  await lab.api(`jobs/${blocker}/cancel`, { force: true });
  await expect(lab.job('queued-second.py')).toContainText('RUNNING');
  await expect(lab.document.getByLabel('Priority')).toHaveCount(0);
});

test('a second attempt takes over the log, and the first is there to read', async ({
  page
}) => {
  const lab = await Lab.open(page, 'attempts');
  await lab.showJobs();
  await lab.narrow(260);
  const id = await lab.submit('tried-again.py', SECOND_TIME, {
    retries: { count: 3, backoff: 6 }
  });
  await lab.job('tried-again.py').click();
  const row = lab.job('tried-again.py');
  await expect(row).toContainText('QUEUED');
  const count = async (): Promise<number> =>
    Number((await row.textContent())?.match(/retry in (\d+) s/)?.[1] ?? NaN);
  await expect.poll(count).toBeGreaterThan(0);
  await expect(row).toContainText('attempt 2 of 4');
  await lab.tab('Logs').click();
  await expect(lab.panel('Logs')).toContainText('line of attempt one');
  await expect(lab.panel('Logs')).toContainText('The next one is due in');
  await lab.tab('Error').click();
  await expect(lab.panel('Error')).toContainText('not yet');
  await expect(lab.panel('Error')).toContainText('next attempt in');
  const left = await count();
  const at = await row.locator('.jp-DataChainJobs-note').boundingBox();
  await lab.screenshot('retry-error-light');
  await expect.poll(count).toBeLessThan(left);
  expect(await row.locator('.jp-DataChainJobs-note').boundingBox()).toEqual(at);
  expect(await cut(row.locator('.jp-DataChainJobs-note'))).toBe(false);

  // The next attempt begins: the error is over, and its log goes on here.
  await lab.tab('Logs').click();
  const logs = lab.panel('Logs');
  await expect(logs).toContainText('line of attempt two');
  await expect(logs).not.toContainText('line of attempt one');
  await expect(logs).toContainText('Attempt 2 of 4 began at');
  await expect(row).toContainText('attempt 2 of 4');
  await expect(lab.tab('Error')).toHaveCount(0);
  await lab.pictures('attempts');

  const pick = logs.getByLabel('Attempt whose log is shown');
  await expect(pick.locator('option').nth(1)).toHaveText(
    /^Attempt 1: ValueError, \d/
  );
  await pick.selectOption('1');
  const text = logs.locator('.jp-DataChainLog:not(.lm-mod-hidden)');
  await expect(text).toContainText('line of attempt one');
  await expect(text).not.toContainText('line of attempt two');
  await lab.screenshot('attempt-earlier-light');
  await logs.getByRole('button', { name: 'Show attempt 2' }).click();
  await expect(text).toContainText('line of attempt two');
  await lab.api(`jobs/${id}/cancel`, { force: true });
});

test('a script that takes no hint is stopped now', async ({ page }) => {
  const lab = await Lab.open(page, 'stopnow');
  await lab.openScript('stubborn.py', STUBBORN);
  await lab.run();
  await expect(lab.panel('Logs')).toContainText('ready');
  // A double-click is one stop.
  await lab.document
    .getByRole('button', { name: 'Stop', exact: true })
    .dblclick();
  await lab.state('CANCELING');
  const now = lab.document.getByRole('button', { name: 'Stop now' });
  await expect(now).toBeEnabled();
  await expect(lab.document.getByTitle(/^Kill it at once/)).toBeVisible();
  await lab.showJobs();
  await lab.pictures('stopping');
  // Until it is armed a press does nothing.
  await expect(async () => {
    await now.click({ timeout: 1000 });
    await expect(lab.chip).toHaveText('CANCELED', { timeout: 1000 });
  }).toPass();
  await expect(
    lab.document.getByRole('button', { name: 'Stop', exact: true })
  ).toBeDisabled();
  await lab.job('stubborn.py').first().click();
  const report = lab.document.getByRole('list', { name: 'What the stop did' });
  await expect(report).toContainText(/SIGINT at .* to 1 process/);
  await expect(report).toContainText('1 was killed');
  await expect(lab.document).toContainText('-9 (SIGKILL)');
  await lab.pictures('stop-report');
});

test('a timeout is told as one', async ({ page }) => {
  const lab = await Lab.open(page, 'timeout');
  await lab.showJobs();
  await lab.submit('timed-out.py', BLOCKER, { timeout: 1 });
  await expect(lab.job('timed-out.py')).toContainText('FAILED');
  await expect(lab.job('timed-out.py')).toContainText('timed out');
  await lab.job('timed-out.py').click();
  await expect(lab.panel('Error')).toContainText('longer than its timeout');
  await expect(lab.document).toContainText('00:00:01');
  await expect(
    lab.document.getByRole('list', { name: 'What the stop did' })
  ).toContainText('SIGINT');
  await lab.screenshot('timeout-light');
});

/** Whether a text has less room than it needs. */
function cut(text: ReturnType<Page['locator']>): Promise<boolean> {
  return text.evaluate(node => node.scrollWidth > node.clientWidth);
}
