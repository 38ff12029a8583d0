import { LabIcon } from '@jupyterlab/ui-components';

/** A line that goes on below, as editors draw it. */
export const wrapIcon = new LabIcon({
  name: 'jupyter-datachain-jobs:wrap',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">' +
    '<path class="jp-icon3" fill="#616161" d="M4 5h16v2H4zm0 12h6v2H4zm13-6H4v2h13.25a1.75 ' +
    '1.75 0 0 1 0 3.5H15v-2l-3 3 3 3v-2h2a4 4 0 0 0 0-7.5z"/></svg>'
});
