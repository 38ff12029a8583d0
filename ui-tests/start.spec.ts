import { expect, test } from '@playwright/test';

test('JupyterLab starts with the extension', async ({ page }) => {
  await page.goto(
    `/lab/workspaces/start?reset&token=${process.env.JUPYTERLAB_TOKEN}`
  );
  await page.waitForFunction(() => 'jupyterapp' in window);
  const has = await page.evaluate(() =>
    (
      window as unknown as {
        jupyterapp: { hasPlugin(id: string): boolean };
      }
    ).jupyterapp.hasPlugin('jupyter-datachain-jobs:plugin')
  );
  expect(has).toBe(true);
});
