import type { TranslationBundle } from '@jupyterlab/translation';
import { type Message } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';

import type { IJobViewOptions } from '../../tokens';

type Create = (options: IJobViewOptions) => Widget;

/** What is said while there is no job, and the one thing to do about it. */
export interface IEmptyState {
  readonly sentence: string;
  readonly action?: { readonly label: string; run(): void };
}

/** A place for a view that is loaded when it is first seen, one for each job. */
export class LazyView extends Widget {
  constructor(
    private readonly _load: () => Promise<Create>,
    private readonly _empty: IEmptyState,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-DataChain-lazy');
    this.layout = new PanelLayout();
    this._tell(_empty);
  }

  /** Null shows the empty sentence; the view of the job before is let go. */
  setJob(options: IJobViewOptions | null): void {
    this._options = options;
    this._shown = false;
    this._clear();
    if (!options) {
      this._tell(this._empty);
    }
    if (this.isVisible) {
      void this._fill();
    }
  }

  protected onAfterShow(message: Message): void {
    void this._fill();
  }

  protected onAfterAttach(message: Message): void {
    if (this.isVisible) {
      void this._fill();
    }
  }

  private async _fill(): Promise<void> {
    const options = this._options;
    if (!options || this._shown) {
      return;
    }
    this._shown = true;
    let create: Create;
    try {
      create = await this._load();
    } catch (error) {
      // A server that was upgraded under an open page has other chunks.
      this._shown = false;
      console.error('jupyter-datachain-jobs: a view cannot be loaded', error);
      this._clear();
      this._tell({
        sentence: this._trans.__(
          'This view could not be loaded. Reload the page.'
        )
      });
      return;
    }
    if (options === this._options && !this.isDisposed) {
      this._clear();
      (this.layout as PanelLayout).addWidget(create(options));
    }
  }

  private _clear(): void {
    const layout = this.layout as PanelLayout;
    for (const widget of [...layout.widgets]) {
      widget.dispose();
    }
  }

  private _tell({ sentence, action }: IEmptyState): void {
    const note = new Widget();
    note.addClass('jp-DataChain-empty');
    const text = document.createElement('p');
    text.textContent = sentence;
    note.node.append(text);
    if (action) {
      const button = document.createElement('button');
      button.className = 'jp-Button jp-mod-styled jp-mod-accept';
      button.textContent = action.label;
      button.addEventListener('click', () => action.run());
      note.node.append(button);
    }
    (this.layout as PanelLayout).addWidget(note);
  }

  private _options: IJobViewOptions | null = null;
  private _shown = false;
}
