import { expect, test } from '@playwright/test';

import { Lab } from './lab';
import { FAILS, QUICK, SLOW, SYNTAX_ERROR } from './scripts';

test('launcher → template → run → log → data', async ({ page }) => {
  const lab = await Lab.open(page, 'template');
  await page
    .locator('.jp-LauncherCard', { hasText: 'DataChain Script' })
    .click();
  await expect(lab.editor).toContainText('import datachain as dc');
  await lab.editor.click();
  await page.keyboard.press('ControlOrMeta+Shift+Enter');
  // A run opens on its log.
  await expect(lab.tab('Logs')).toHaveAttribute('aria-selected', 'true');
  await lab.state('RUNNING');
  await lab.screenshot('running-light');
  await lab.state('COMPLETE');
  // And ends on what it made.
  await expect(lab.tab('Data')).toHaveAttribute('aria-selected', 'true');
  await expect(lab.panel('Data')).toContainText('sensor_verdicts');
  await expect(lab.panel('Data')).toContainText(/1,000 rows/);
  await lab.tab('Logs').click();
  await expect(lab.panel('Logs')).toContainText('1000 readings');
});

test('reload in the middle of a run, then stop', async ({ page }) => {
  const lab = await Lab.open(page, 'reload');
  await lab.openScript('slow.py', SLOW);
  await lab.run();
  await lab.state('RUNNING');
  await expect.poll(() => lab.newestLine()).toBeGreaterThan(3);
  const before = await lab.newestLine();
  await lab.reload('editor:slow.py');
  await lab.state('RUNNING');
  await expect.poll(() => lab.newestLine()).toBeGreaterThan(before + 5);
  // The log goes back to before the reload.
  await lab.panel('Logs').getByRole('group').click();
  await page.keyboard.press('ControlOrMeta+Home');
  await expect(lab.panel('Logs')).toContainText('line 0');
  await lab.stop();
  await lab.state('CANCELED');
  await expect(
    lab.document.getByRole('button', { name: 'Stop', exact: true })
  ).toBeDisabled();
});

test('a failed run shows the line of the user first', async ({ page }) => {
  const lab = await Lab.open(page, 'failed');
  await lab.openScript('fails.py', FAILS);
  await lab.run();
  await lab.state('FAILED');
  const error = lab.panel('Error');
  await expect(error).toBeVisible();
  await expect(error).toContainText('KeyError');
  await expect(error.locator('.jp-mod-marked')).toContainText('rows["factor"]');
  await lab.screenshot('failed-light');
  await error.getByRole('button', { name: 'Full traceback' }).click();
  await expect(error).toContainText('Traceback (most recent call last)');
  await error.getByRole('button', { name: 'Go to line' }).click();
  await lab.cursor('Ln 2, Col 5');
});

test('the error goes with the run that it belongs to', async ({ page }) => {
  const lab = await Lab.open(page, 'errors');
  await lab.openScript('again.py', FAILS);
  const errors = lab.document.getByRole('tab', { name: 'Error' });
  for (const round of [1, 2]) {
    await lab.run();
    await expect(errors, `run ${round}`).toHaveCount(0);
    await lab.state('FAILED');
    await expect(errors, `run ${round}`).toHaveCount(1);
  }
  await lab.editor.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('print("mended")');
  await lab.run();
  await lab.state('COMPLETE');
  await expect(errors).toHaveCount(0);
  // In a small window the script stays in sight.
  await page.setViewportSize({ width: 720, height: 450 });
  await expect(lab.editor).toBeVisible();
  expect((await lab.editor.boundingBox())?.height).toBeGreaterThan(60);
});

test('Resume goes on from the newest run, corrected or not', async ({
  page
}) => {
  const lab = await Lab.open(page, 'resume');
  await lab.openScript('resumed.py', FAILS);
  const resume = lab.document.getByRole('button', {
    name: 'Resume',
    exact: true
  });
  await expect(resume).toBeDisabled();
  await lab.run();
  await lab.state('FAILED');
  await lab.editor.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('print("mended")');
  await resume.click();
  await lab.state('COMPLETE');
  interface IRun {
    id: string;
    resumed_from: string | null;
  }
  const runs = async (): Promise<IRun[]> =>
    (await lab.api<{ items: IRun[] }>('jobs?script=resumed.py')).items;
  const [second, first] = await runs();
  expect(second.resumed_from).toBe(first.id);

  // The same from the job's own tab.
  await lab.execute('datachain-jobs:open', { id: second.id });
  const tab = page.locator('.jp-DataChainJob:visible');
  await expect(tab).toContainText(`Resumed from${first.id.slice(0, 8)}`);
  await tab.getByRole('button', { name: 'Resume', exact: true }).click();
  await expect(page.locator('.jp-DataChainJob:visible')).toContainText(
    `Resumed from${second.id.slice(0, 8)}`
  );
});

test('a syntax error is told before a job is made', async ({ page }) => {
  const lab = await Lab.open(page, 'syntax');
  await lab.openScript('broken.py', SYNTAX_ERROR);
  await lab.run();
  const alert = lab.document.getByRole('alert');
  await expect(alert).toBeVisible();
  await alert.getByRole('button', { name: 'Go to line' }).click();
  await lab.cursor(/^Ln 3, Col \d+$/);
  await lab.screenshot('syntax-error-light');
  await expect(lab.chip).toHaveCount(0);
});

test('unsaved text runs as it is on screen', async ({ page }) => {
  const lab = await Lab.open(page, 'unsaved');
  await lab.openScript('unsaved.py', QUICK);
  await lab.editor.click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('print("only on screen")');
  await lab.run();
  await lab.state('COMPLETE');
  // It made no dataset, so there is nothing to see but its log.
  await expect(lab.panel('Logs')).toContainText('only on screen');
});

test('files that have nothing to do with DataChain stay as they are', async ({
  page
}) => {
  const lab = await Lab.open(page, 'plain');
  await lab.openScript('plain.py', 'x = 1\n');
  await expect(lab.tab('Logs')).toBeVisible();
  await expect(lab.panel('Logs')).toBeHidden();
  const height = await lab.document.locator('.jp-DataChainPanel').boundingBox();
  expect(height!.height).toBeLessThanOrEqual(30);

  await lab.openScript('notes.txt', 'nothing to run\n');
  await expect(lab.document.locator('.jp-Toolbar').first()).toBeHidden();
  await expect(lab.document.locator('.jp-DataChainPanel')).toHaveCount(0);
});

test('the editor stays JupyterLab’s own', async ({ page }) => {
  const lab = await Lab.open(page, 'coexist');
  await lab.openScript('own.py', 'import datachain\nfirst = 1\nsecond = 2\n');
  await lab.editor.click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('third');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(lab.editor).not.toContainText('third');
  await page.keyboard.press('ControlOrMeta+f');
  await expect(page.locator('.jp-DocumentSearch-overlay')).toBeVisible();
  await page.keyboard.type('second');
  await expect(page.locator('.jp-DocumentSearch-overlay')).toContainText('1/1');
  await page.keyboard.press('Escape');
  await lab.execute('fileeditor:go-to-line', { line: 2 });
  await lab.cursor('Ln 2, Col 1');
});

test('completion stays JupyterLab’s own', async ({ page }) => {
  const lab = await Lab.open(page, 'completion');
  await lab.openScript('completed.py', 'measured = 1\nmeasurement = 2\n');
  await lab.editor.click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('measu');
  await page.keyboard.press('Tab');
  await expect(lab.completions).toHaveText([/measured/, /measurement/]);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(lab.completions).toHaveCount(0);
  await expect(lab.editor.locator('.cm-line')).toHaveText([
    'measured = 1',
    'measurement = 2',
    'measurement'
  ]);
});

test('a console of the script completes from its kernel', async ({ page }) => {
  const lab = await Lab.open(page, 'kernel');
  // Names that no line of the script spells out.
  await lab.openScript(
    'kernel.py',
    'globals().update({"qu" + "ark_up": 1, "qu" + "ark_down": 2})\n'
  );
  await lab.execute('fileeditor:create-console');
  const console = page.locator('.jp-CodeConsole');
  await page.getByRole('button', { name: 'Select Kernel' }).click();
  await lab.editor.click();
  await page.keyboard.press('ControlOrMeta+Home');
  await lab.execute('fileeditor:run-code');
  await expect(console).toContainText('[1]:', { timeout: 60_000 });
  await lab.editor.click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('quark_');
  // JupyterLab gives a kernel one second, and says nothing of one that is late.
  await expect(async () => {
    await page.keyboard.press('Tab');
    await expect(lab.completions).toHaveText([/quark_down/, /quark_up/], {
      timeout: 2000
    });
  }).toPass({ timeout: 20_000 });
  await page.keyboard.press('Enter');
  await expect(lab.editor).toContainText('quark_down');
});

test('a language server is told of our editor as of any', async ({ page }) => {
  const lab = await Lab.open(page, 'lsp');
  await lab.openScript('served.py', 'x = 1\n');
  await expect.poll(() => lab.languageServerSees()).toEqual(['served.py']);
});

test('a refusal goes when its line is edited', async ({ page }) => {
  const lab = await Lab.open(page, 'refusal');
  await lab.openScript('refused.py', 'x = 1\ndef broken(:\n    pass\n');
  await lab.run();
  const bar = lab.document.locator('.jp-DataChainProblem-body');
  await expect(bar).toContainText('def broken(:');
  await lab.editor.getByText('x = 1').click();
  await page.keyboard.press('End');
  await page.keyboard.type('0');
  await expect(bar).toBeVisible();
  await bar.getByRole('button', { name: 'Go to line' }).click();
  await page.keyboard.press('End');
  await page.keyboard.press('Backspace');
  await expect(bar).toBeHidden();
});
