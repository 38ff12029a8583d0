import {
  CodeEditor,
  CodeEditorWrapper,
  type IEditorServices
} from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import { PanelLayout, Widget } from '@lumino/widgets';

import type { IJobs } from '../../tokens';

/** The script as the job runs it: the snapshot, not the file of today. */
export class ScriptView extends Widget {
  constructor(
    private readonly _jobs: IJobs,
    private readonly _editors: IEditorServices,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-DataChainScript');
    this.layout = new PanelLayout();
  }

  /** The snapshot never changes, so it is read once, when first seen. */
  setJob(id: string): void {
    this._id = id;
    if (this.isVisible) {
      void this._read();
    }
  }

  protected onAfterShow(): void {
    void this._read();
  }

  private async _read(): Promise<void> {
    const id = this._id;
    if (!id || this._read_ === id) {
      return;
    }
    this._read_ = id;
    let widget: Widget;
    try {
      const script = await this._jobs.client.script(id);
      widget = this._editor(script.text);
    } catch (error) {
      this._read_ = '';
      // The layout below owns it.
      // eslint-disable-next-line jupyter/require-disposable-ownership
      widget = new Widget();
      widget.addClass('jp-DataChain-empty');
      widget.node.textContent = this._trans.__(
        'The script could not be read. %1',
        (error as Error).message
      );
    }
    if (!this.isDisposed && id === this._id) {
      const layout = this.layout as PanelLayout;
      for (const old of [...layout.widgets]) {
        old.dispose();
      }
      layout.addWidget(widget);
    }
  }

  private _editor(text: string): Widget {
    const model = new CodeEditor.Model({ mimeType: 'text/x-python' });
    model.sharedModel.setSource(text);
    const wrapper = new CodeEditorWrapper({
      model,
      factory: this._editors.factoryService.newDocumentEditor,
      editorOptions: { config: { readOnly: true, lineNumbers: true } }
    });
    wrapper.disposed.connect(() => model.dispose());
    return wrapper;
  }

  private _id = '';
  private _read_ = '';
}
