import { expect, test } from '@playwright/test';

import { Lab } from './lab';
import { FAILS, QUICK, SLOW } from './scripts';

test('two windows show the same jobs', async ({ page, context }) => {
  const one = await Lab.open(page, 'one');
  const two = await Lab.open(await context.newPage(), 'two');
  await one.showJobs();
  await two.showJobs();
  await one.openScript('shared.py', SLOW);
  await one.run();
  await one.state('RUNNING');
  const seen = two.job('shared.py').first();
  await expect(seen).toContainText('RUNNING');

  // Opened in the second window, and stopped there.
  await seen.click();
  await expect(two.panel('Logs')).toContainText('line 3');
  await two.stop();
  await one.state('CANCELED');
  await expect(one.job('shared.py').first()).toContainText('CANCELED');

  // Deleted in the first: gone in both, with its tab.
  await one.job('shared.py').first().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Delete Job' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(one.job('shared.py')).toHaveCount(0);
  await expect(two.job('shared.py')).toHaveCount(0);
  await expect(two.panel('Logs')).toHaveCount(0);
});

test('a job has its script, its log and its error', async ({ page }) => {
  const lab = await Lab.open(page, 'job');
  await lab.openScript('job.py', FAILS);
  await lab.run();
  await lab.state('FAILED');
  await lab.showJobs();
  await lab.job('job.py').first().click();
  await expect(lab.panel('Error')).toContainText('KeyError');
  await lab.tab('Script').click();
  await expect(lab.panel('Script')).toContainText('def scale(rows):');
  await lab.tab('Logs').click();
  await expect(lab.panel('Logs')).toContainText('before the failure');
  await lab.reload(/^datachain-jobs:/);
  await expect(lab.tab('Script')).toBeVisible();
});

test('the list is reached and worked by keys', async ({ page }) => {
  const lab = await Lab.open(page, 'keys');
  for (const name of ['first.py', 'second.py']) {
    await lab.openScript(name, QUICK);
    await lab.run();
    await lab.state('COMPLETE');
  }
  await lab.showJobs();
  const newest = lab.job('second.py').first();
  await expect(newest).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(lab.job('first.py').first()).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog')).toContainText('first.py');
  await page.keyboard.press('Escape');
  await expect(lab.job('first.py').first()).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await expect(lab.tab('Script')).toBeVisible();
});

test('the list is filtered by text and by state', async ({ page }) => {
  const lab = await Lab.open(page, 'filter');
  await lab.openScript('needle.py', QUICK);
  await lab.run();
  await lab.state('COMPLETE');
  await lab.showJobs();
  await lab.jobs.getByRole('searchbox').fill('needle');
  await expect(lab.job('needle.py')).toHaveCount(1);
  await expect(lab.jobs.locator('[data-job-id]')).toHaveCount(1);
  await lab.jobs.getByRole('combobox').selectOption('FAILED');
  await expect(lab.jobs).toContainText('No job matches this filter.');
  await lab.jobs.getByRole('button', { name: 'Clear filter' }).click();
  await expect(lab.job('needle.py')).toHaveCount(1);
});

test('a menu and a deletion leave the focus in the list', async ({ page }) => {
  const lab = await Lab.open(page, 'focus');
  for (const name of ['low.py', 'middle.py', 'high.py']) {
    await lab.openScript(name, QUICK);
    await lab.run();
    await lab.state('COMPLETE');
  }
  await lab.showJobs();
  await expect(lab.job('high.py')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(lab.job('middle.py')).toBeFocused();
  await lab.job('middle.py').click({ button: 'right' });
  await expect(
    page.getByRole('menuitem', { name: 'Delete Job' })
  ).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(lab.job('middle.py')).toBeFocused();
  await page.keyboard.press('Delete');
  await expect(page.getByRole('dialog')).toContainText('middle.py');
  await page.keyboard.press('Enter');
  await expect(lab.job('middle.py')).toHaveCount(0);
  await expect(lab.job('low.py')).toBeFocused();
});

test('a first row does not take the focus from the editor', async ({
  page
}) => {
  const lab = await Lab.open(page, 'steal');
  await lab.openScript('steal.py', SLOW);
  await lab.showJobs();
  await lab.jobs.getByRole('combobox').selectOption('RUNNING');
  await expect(lab.jobs).toContainText('No job matches this filter.');
  // The empty list is asked for the focus, and has no row to give it to.
  await lab.showJobs();
  await expect(lab.jobs).toBeFocused();
  await lab.editor.click();
  await expect(lab.editor).toBeFocused();
  await lab.execute('datachain-jobs:run');
  await expect(lab.job('steal.py')).toBeVisible();
  // Lines of its log later, the list has long drawn the row.
  await expect.poll(() => lab.newestLine()).toBeGreaterThan(2);
  await expect(lab.editor).toBeFocused();
  await lab.stop();
});

test('a long error leaves the time of a job whole', async ({ page }) => {
  const lab = await Lab.open(page, 'long');
  await lab.openScript(
    'long.py',
    `class ${'Very'.repeat(20)}LongError(Exception): pass

raise ${'Very'.repeat(20)}LongError("x")
`
  );
  await lab.run();
  await lab.state('FAILED');
  await lab.showJobs();
  const row = lab.job('long.py');
  await expect(row).toBeVisible();
  await page.mouse.move(900, 300);
  await lab.screenshot('jobs-long-error');
  const cut = await row.evaluate(node => {
    const when = node.querySelector('.jp-DataChainJobs-when')!;
    const note = node.querySelector('.jp-DataChainJobs-note')!;
    const edge = node.getBoundingClientRect().right - 12;
    return {
      when:
        when.scrollWidth > when.clientWidth ||
        when.getBoundingClientRect().right > edge + 1,
      note: note.scrollWidth > note.clientWidth
    };
  });
  expect(cut).toEqual({ when: false, note: true });
});

test('a change of theme leaves a screen of rows', async ({ page }) => {
  const lab = await Lab.open(page, 'themes');
  await lab.openScript('themes.py', QUICK);
  await lab.run();
  await lab.state('COMPLETE');
  await lab.showJobs();
  const rows = lab.jobs.locator('[data-job-id]');
  await expect(rows.first()).toBeVisible();
  const before = await rows.count();
  for (const name of ['JupyterLab Dark', 'JupyterLab Light']) {
    await lab.theme(name);
    await expect(rows).toHaveCount(before);
  }
});
