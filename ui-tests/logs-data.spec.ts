import { expect, test, type Locator, type Page } from '@playwright/test';

import { Lab } from './lab';
import { BARS, DATASETS, LOOKS, MILLION, SMALL } from './logs-data-scripts';

test.setTimeout(180_000);

/** The log in front, in the words of who reads it. */
class Log {
  constructor(private readonly _lab: Lab) {}

  get panel(): Locator {
    return this._lab.panel('Logs');
  }

  get text(): Locator {
    return this.panel.getByRole('group', { name: 'Log text' });
  }

  get rows(): Locator {
    return this.panel.locator('.jp-DataChainLog-row');
  }

  row(number: number): Locator {
    return this.panel.locator(`[data-number="${number}"]`);
  }

  async show(): Promise<void> {
    await this._lab.tab('Logs').click();
    await expect(this.rows.first()).toBeVisible();
  }

  async drag(share: number): Promise<void> {
    const { mouse } = this._lab.page;
    const bar = this.panel.getByRole('scrollbar');
    const track = (await bar.locator('.lm-ScrollBar-track').boundingBox())!;
    const thumb = (await bar.locator('.lm-ScrollBar-thumb').boundingBox())!;
    const x = thumb.x + thumb.width / 2;
    await mouse.move(x, thumb.y + thumb.height / 2);
    await mouse.down();
    await mouse.move(x, track.y + track.height * share, { steps: 10 });
    await mouse.up();
  }
}

function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

test.beforeEach(async ({ context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
});

test('a million lines come while the page stays at hand', async ({ page }) => {
  const lab = await Lab.open(page, 'million');
  const log = new Log(lab);
  await lab.openScript('million.py', MILLION);
  await lab.run();
  await expect(log.panel).toContainText(/\d lines/);
  // The editor takes keys while lines come by the thousand.
  await lab.editor.click();
  await page.keyboard.press('Control+Home');
  const before = Date.now();
  await page.keyboard.type('# typed meanwhile ');
  await expect(lab.editor).toContainText('# typed meanwhile');
  expect(Date.now() - before).toBeLessThan(10_000);
  await lab.state('COMPLETE');

  await log.show();
  await expect(log.panel).toContainText('1,000,001 lines', { timeout: 60_000 });
  await expect(log.panel).toContainText('Ended');
  await expect(log.row(1_000_001)).toHaveText('the very last line');
  expect(await log.rows.count()).toBeLessThan(100);

  await log.text.focus();
  await page.keyboard.press('Home');
  await expect(log.row(1)).toContainText('row=0 payload');
  await log.drag(0.5);
  await expect(log.rows.first()).toContainText(/row=(4[5-9]|5[0-5])\d{4} /);
  await page.keyboard.press('ArrowDown');
  await log.panel.getByRole('button', { name: 'Jump to newest' }).click();
  await expect(log.row(1_000_001)).toBeVisible();
  await expect(log.text).toBeFocused();

  // All that was printed is more than a clipboard should hold.
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await expect(log.panel).toContainText('download the log instead');
});

test('bars are drawn in place, frames lead to the editor', async ({ page }) => {
  const lab = await Lab.open(page, 'bars');
  const log = new Log(lab);
  await lab.openScript('bars.py', BARS);
  await lab.run();
  await expect(log.panel).toContainText('slow:');
  const drawn = await log.rows.allTextContents();
  expect(drawn.filter(text => text.startsWith('outer:'))).toHaveLength(1);
  expect(drawn.filter(text => text.startsWith('slow:'))).toHaveLength(1);
  expect(drawn.filter(text => text.startsWith('inner:')).length).toBeLessThan(
    2
  );
  await expect(log.panel).toContainText('outer: 100%');
  const long = log.rows.filter({ hasText: 'xxxxxxxxxx' });
  await expect(long.locator('[data-note*="4,990,000"]')).toHaveCount(1);

  const now = await log.rows.filter({ hasText: 'slow:' }).textContent();
  await expect(log.rows.filter({ hasText: 'slow:' })).not.toHaveText(now!);

  await log.panel.getByText('bars.py", line 12').click();
  await expect(page.locator('#jp-main-statusbar')).toContainText('Ln 12');
  await lab.stop();
  await lab.state('CANCELED');
});

test('text is selected beyond what is visible', async ({ page }) => {
  const lab = await Lab.open(page, 'select');
  const log = new Log(lab);
  await lab.openScript(
    'selecting.py',
    'for i in range(400):\n    print(f"line {i}")\n'
  );
  await lab.run();
  await lab.state('COMPLETE');
  await log.show();
  await expect(log.row(400)).toBeVisible();
  const from = (await log.row(400).boundingBox())!;
  const pane = (await log.text.boundingBox())!;
  await page.mouse.move(from.x + 120, from.y + 8);
  await page.mouse.down();
  await page.mouse.move(from.x + 120, pane.y - 40, { steps: 10 });
  await expect(log.row(300)).toBeVisible();
  await page.mouse.up();
  await page.keyboard.press('Control+c');
  await expect.poll(() => clipboard(page)).toMatch(/line 300\nline 301\n/);
  expect((await clipboard(page)).split('\n').length).toBeGreaterThan(90);
});

test('rows of millions are looked at and copied', async ({ page }) => {
  const lab = await Lab.open(page, 'data');
  await lab.openScript('datasets.py', DATASETS);
  await lab.run();
  await lab.state('COMPLETE');
  const panel = lab.panel('Data');
  await lab.tab('Data').click();
  await expect(panel).toContainText('5,000,000 rows · 2 columns');
  const grid = panel.getByRole('grid', { name: 'local.local.grid_large' });
  await expect(grid).toHaveAttribute('aria-rowcount', '5000001');

  await grid.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Control+End');
  const last = grid.getByRole('row', { name: '4999999' });
  await expect(last.getByRole('gridcell').first()).toHaveText('4,999,999');
  await expect(last).toHaveAttribute('aria-rowindex', '5000001');
  const active = await grid.getAttribute('aria-activedescendant');
  await expect(page.locator(`#${active}`)).toHaveText('4,999,999');

  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Control+c');
  await expect(panel).toContainText('Copied 2 rows.');
  expect(await clipboard(page)).toBe('number\n4999998\n4999999');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await expect(panel).toContainText('Copied the first 10,000 rows');

  // The grid is left by Tab, and does not hold it.
  await page.keyboard.press('Tab');
  await expect(grid).not.toBeFocused();

  await panel
    .getByRole('combobox', { name: 'Dataset version' })
    .selectOption('grid_small@1.0.0');
  await expect(panel).toContainText('300 rows · 9 columns');
  const small = panel.getByRole('grid', { name: 'local.local.grid_small' });
  await expect(
    small.getByRole('columnheader', { name: 'detection box x, int' })
  ).toBeAttached();
  await expect(
    small.getByRole('gridcell', { name: 'None' }).first()
  ).toBeAttached();
});

test('pictures of logs and data in both themes', async ({ page }) => {
  const lab = await Lab.open(page, 'looks-logs-data');
  await lab.openScript('looks_log.py', LOOKS);
  await lab.run();
  await lab.state('COMPLETE');
  await new Log(lab).show();
  const themes = { light: 'JupyterLab Light', dark: 'JupyterLab Dark' };
  for (const [word, theme] of Object.entries(themes)) {
    await lab.theme(theme);
    await lab.screenshot(`log-colours-${word}`);
  }
  await lab.openScript('looks_data.py', SMALL);
  await lab.run();
  await lab.state('COMPLETE');
  await expect(lab.panel('Data')).toContainText('300 rows · 9 columns');
  for (const [word, theme] of Object.entries(themes)) {
    await lab.theme(theme);
    await lab.screenshot(`data-${word}`);
  }
  await lab.theme(themes.light);
});
