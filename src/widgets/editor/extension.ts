import type {
  DocumentRegistry,
  IDocumentWidget
} from '@jupyterlab/docregistry';
import type { IDisposable } from '@lumino/disposable';
import type { Widget } from '@lumino/widgets';

import { ScriptEditor, type IScriptEditorOptions } from './scripteditor';

/**
 * Extends each widget of JupyterLab's file editor. Its toolbar may be made
 * before or after its panel, so whoever comes first makes what they share.
 */
export class ScriptEditors implements DocumentRegistry.WidgetExtension {
  constructor(private readonly _options: IScriptEditorOptions) {}

  createNew(document: IDocumentWidget): IDisposable {
    return this.of(document);
  }

  of(document: IDocumentWidget): ScriptEditor {
    let editor = this._editors.get(document);
    if (!editor) {
      editor = new ScriptEditor(document, this._options);
      this._editors.set(document, editor);
    }
    return editor;
  }

  /** The script of a widget of the shell, if it is one that can be run. */
  find(widget: Widget | null | undefined): ScriptEditor | null {
    const editor = widget ? this._editors.get(widget) : undefined;
    return editor?.isScript ? editor : null;
  }

  private readonly _editors = new WeakMap<Widget, ScriptEditor>();
}
