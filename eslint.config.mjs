import jupyter from '@jupyter/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  {
    ignores: [
      'lib/**',
      'jupyter_datachain_jobs/**',
      'src/api/wire.ts',
      'ui-tests/results/**'
    ]
  },
  tseslint.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    ignores: ['src/**/__tests__/**'],
    plugins: { jupyter },
    extends: [jupyter.configs.recommended],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // What a plugin imports is small and needed at once; the heavy views
      // are loaded when they are first shown (src/widgets/jobs/views.ts).
      'jupyter/prefer-lazy-imports': 'off'
    }
  },
  {
    rules: {
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ],
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      curly: ['error', 'all'],
      eqeqeq: 'error',
      'prefer-arrow-callback': 'error'
    }
  }
);
