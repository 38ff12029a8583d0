import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [
    {
      // JupyterLab's bundler gives an icon's text when a module imports it.
      name: 'raw-svg',
      enforce: 'pre',
      load(id) {
        return id.endsWith('.svg')
          ? `export default ${JSON.stringify(readFileSync(id, 'utf8'))}`
          : undefined;
      }
    }
  ],
  test: {
    environment: 'jsdom',
    include: ['src/**/__tests__/**/*.spec.{ts,tsx}'],
    setupFiles: ['./scripts/vitest-shims.ts'],
    server: {
      // These ship modules that Node does not load as they are.
      deps: {
        inline: [
          /@jupyterlab/,
          /@jupyter/,
          /@microsoft/,
          /@lumino/,
          /@rjsf/,
          /exenv/
        ]
      }
    }
  }
});
