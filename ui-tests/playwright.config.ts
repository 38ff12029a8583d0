import { defineConfig } from '@playwright/test';

/** `run.py` starts the JupyterLab that these tests drive and says where it is. */
export default defineConfig({
  testDir: '.',
  outputDir: 'results',
  timeout: 240_000,
  expect: { timeout: 20_000 },
  workers: 1,
  retries: 0,
  reporter: [['list']],
  use: {
    baseURL: process.env.JUPYTERLAB_URL,
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    // Endless motion costs a machine without a GPU most of a core.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-dev-shm-usage'
      ]
    }
  }
});
