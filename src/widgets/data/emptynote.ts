import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { IEmptyWords } from './words';

/** A sentence and a button, where there are no rows. */
export class EmptyNote extends Widget {
  constructor(
    private readonly _trans: TranslationBundle,
    private readonly _refresh: () => void,
    private readonly _goToScript: () => void
  ) {
    super();
    this.addClass('jp-DataChain-empty');
  }

  set(words: IEmptyWords | null): void {
    const said = words ? `${words.sentence} ${words.action}` : '';
    if (said === this._said) {
      return;
    }
    this._said = said;
    const text = document.createElement('p');
    text.textContent = words?.sentence ?? '';
    this.node.replaceChildren(text);
    if (words?.action) {
      const button = document.createElement('button');
      button.className = 'jp-Button jp-mod-styled jp-mod-reject';
      const refresh = words.action === 'refresh';
      button.textContent = refresh
        ? this._trans.__('Refresh')
        : this._trans.__('Go to the script');
      button.addEventListener('click', () =>
        refresh ? this._refresh() : this._goToScript()
      );
      this.node.append(button);
    }
  }

  private _said = '';
}
