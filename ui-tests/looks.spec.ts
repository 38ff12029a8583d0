import { test } from '@playwright/test';

import { Lab } from './lab';
import { FAILS, SLOW } from './scripts';

/** Pictures for people to look at; they assert nothing. */
test('pictures in every theme', async ({ page }) => {
  const lab = await Lab.open(page, 'looks');
  await lab.execute('datachain-jobs:new-script');
  await lab.run();
  await lab.state('COMPLETE');
  await lab.showJobs();
  const themes = {
    light: 'JupyterLab Light',
    dark: 'JupyterLab Dark',
    contrast: 'JupyterLab Dark High Contrast'
  };
  for (const [word, theme] of Object.entries(themes)) {
    await lab.theme(theme);
    await lab.screenshot(`finished-${word}`);
  }
  await lab.openScript('looks_failed.py', FAILS);
  await lab.run();
  await lab.state('FAILED');
  for (const [word, theme] of Object.entries(themes)) {
    await lab.theme(theme);
    await lab.screenshot(`error-${word}`);
  }
  await lab.openScript('looks_slow.py', SLOW);
  await lab.run();
  await lab.state('RUNNING');
  for (const [word, theme] of Object.entries(themes)) {
    await lab.theme(theme);
    await lab.screenshot(`log-${word}`);
  }
  await lab.job('looks_slow.py').first().click();
  await lab.theme(themes.light);
  await lab.screenshot('job-light');
  await lab.stop();
  await lab.state('CANCELED');
});
