// The import rules of the front end: api knows no model, model no widget, widgets no plugin, plugins not each other.
const TESTS = '/__tests__/';

/** Files under `from` may import from src only what `pathNot` matches. */
const only = (name, from, pathNot, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: TESTS },
  to: { path: '^src/', pathNot }
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.d\\.ts$', TESTS] },
      to: {}
    },
    only(
      'api-is-a-leaf',
      '^src/api/',
      '^src/(api/|tokens\\.ts$)',
      'The client knows the wire format and nothing of the screen.'
    ),
    only(
      'tokens-see-types',
      '^src/tokens\\.ts$',
      '^src/api/wire\\.ts$',
      'Other extensions build on the tokens; they must not pull in the implementation.'
    ),
    only(
      'model-has-no-screen',
      '^src/model/',
      '^src/(model/|tokens\\.ts$|api/(wire|errors)\\.ts$)',
      'A model is given its client; it never makes one.'
    ),
    only(
      'widgets-show-models',
      '^src/widgets/',
      '^src/(widgets/|model/|tokens\\.ts$|svg\\.d\\.ts$|api/(wire|errors)\\.ts$)',
      'A widget shows a model and never speaks HTTP.'
    ),
    only(
      'plugins-wire',
      '^src/plugins/[^/]+$',
      '^src/(api/|model/|widgets/|tokens\\.ts$)',
      'Plugins wire rooms together and do not know each other.'
    ),
    only(
      'index-lists-plugins',
      '^src/index\\.ts$',
      '^src/(plugins/|tokens\\.ts$)',
      'The index is the list of plugins, nothing else.'
    ),
    {
      name: 'model-no-dom',
      severity: 'error',
      from: { path: '^src/(model|api|tokens)', pathNot: TESTS },
      to: {
        path: 'node_modules/(react|react-dom|@lumino/widgets|@jupyterlab/(ui-components|apputils|application))/'
      }
    },
    {
      name: 'react-only-in-widgets',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/widgets/' },
      to: { path: 'node_modules/(react|react-dom|@types/react)/' }
    },
    {
      name: 'application-only-in-plugins',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(plugins/|index\\.ts$)' },
      to: { path: 'node_modules/@jupyterlab/application/' }
    },
    {
      name: 'http-only-in-api',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/api/' },
      to: {
        path: 'node_modules/@jupyterlab/services/',
        dependencyTypesNot: ['type-only']
      }
    },
    {
      name: 'wire-types-only',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        path: '^src/api/wire\\.ts$',
        dependencyTypesNot: ['type-only']
      }
    }
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: {
      fileName: require('node:path').join(__dirname, 'tsconfig.json')
    },
    doNotFollow: { path: 'node_modules' }
  }
};
