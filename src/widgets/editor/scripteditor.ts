import type { CodeEditor } from '@jupyterlab/codeeditor';
import type {
  DocumentRegistry,
  IDocumentWidget
} from '@jupyterlab/docregistry';
import type { IStateDB } from '@jupyterlab/statedb';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { BoxLayout, SplitPanel, type Widget } from '@lumino/widgets';

import { placeOf } from '../../api/errors';
import { ScriptSession } from '../../model/session';
import type { IJobs, ISourcePosition } from '../../tokens';
import { moveCursor } from './cursor';
import { PanelMemory } from './memory';
import { ScriptPanel } from './panel';

/** Matched by the key binding of Run. */
export const SCRIPT_CLASS = 'jp-DataChainEditor';

/** Names of our items in the editor's toolbar, see schema/editor.json. */
const TOOL_PREFIX = 'datachain-';

export interface IScriptEditorOptions {
  readonly jobs: IJobs;
  readonly translator: ITranslator;
  readonly state: IStateDB | null;
  readonly themeChanged: ISignal<unknown, unknown> | null;
  /** Where a contents path is on this server, or null when it is not there. */
  localPath(path: string): string | null;
  goTo(at: ISourcePosition): void;
}

/**
 * What a `.py` in JupyterLab's own editor gains. The editor stays the widget
 * that it was; only its place in the document moves into the upper half of a
 * split panel.
 */
export class ScriptEditor implements IDisposable {
  constructor(
    readonly document: IDocumentWidget,
    private readonly _options: IScriptEditorOptions
  ) {
    this.trans = _options.translator.load('jupyter_datachain_jobs');
    this.session = new ScriptSession(_options.jobs);
    this._memory = new PanelMemory(_options.state);
    this._context.pathChanged.connect(this._onPath, this);
    this._context.model.contentChanged.connect(this._onEdit, this);
    this.session.changed.connect(this._onSession, this);
    document.disposed.connect(this.dispose, this);
    this._onPath();
  }

  readonly session: ScriptSession;
  readonly trans: TranslationBundle;

  /** Whether the file is one that can be run; it can be renamed any time. */
  get isScript(): boolean {
    return ScriptSession.isScript(this._context.path);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Submits what is on screen, saved or not, to go on from the newest run. */
  resume(): void {
    const job = this.session.resumable;
    if (job) {
      this.run(job.id);
    }
  }

  /** Submits what is on screen, saved or not. */
  run(resume?: string): void {
    const path = this._options.localPath(this._context.path);
    if (path === null) {
      this.session.refuse(
        new Error(
          this.trans.__(
            '%1 is not on this server. Save a copy in the file browser to run it.',
            this._context.path
          )
        )
      );
      return;
    }
    void this.session.run(this._context.model.toString(), resume);
  }

  /** Opens the panel and takes the focus there. */
  showPanel(): void {
    this._panel?.activate();
  }

  togglePanel(): void {
    this._panel?.setOpen(!this._panel.isOpen, true);
  }

  /** Shows a toolbar item only while the file can be run. */
  addTool(tool: Widget): Widget {
    this._tools.add(tool);
    tool.disposed.connect(() => this._tools.delete(tool));
    tool.setHidden(!this.isScript);
    // It is in the toolbar after this.
    queueMicrotask(() => this._fitToolbar());
    return tool;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._context.pathChanged.disconnect(this._onPath, this);
      this._context.model.contentChanged.disconnect(this._onEdit, this);
      this.session.changed.disconnect(this._onSession, this);
      this.session.dispose();
    }
  }

  private get _context(): DocumentRegistry.Context {
    return this.document.context;
  }

  private get _editor(): CodeEditor.IEditor | undefined {
    return (this.document.content as unknown as { editor?: CodeEditor.IEditor })
      .editor;
  }

  private _onPath(): void {
    const { isScript } = this;
    const path = this._options.localPath(this._context.path);
    this.document.toggleClass(SCRIPT_CLASS, isScript);
    this._tools.forEach(tool => tool.setHidden(!isScript));
    this._fitToolbar();
    if (isScript && path !== null) {
      // After a rename the last run, under the old name, is still this script's.
      this.session.runs.setPath(path, this._panel !== null);
      this._memory.setPath(path);
    }
    if (isScript && !this._panel) {
      this._split();
    }
    this._panel?.setHidden(!isScript);
  }

  private _split(): void {
    const { document } = this;
    const layout = document.layout as BoxLayout;
    const index = layout.widgets.indexOf(document.content);
    if (index < 0) {
      // Another extension has moved the editor: leave it alone.
      console.warn(
        'jupyter-datachain-jobs: this editor has no place for a panel'
      );
      return;
    }
    const panel = new ScriptPanel({
      ...this._options,
      session: this.session,
      trans: this.trans,
      goTo: at => this._goTo(at),
      goToLine: (line, column) =>
        this._moveCursor(this._lineNow(line) ?? line, column ?? undefined),
      runAgain: job => void this.session.runAgain(job),
      run: () => this.run()
    });
    const split = new SplitPanel({ orientation: 'vertical', spacing: 1 });
    split.addClass('jp-DataChainSplit');
    split.addWidget(document.content);
    split.addWidget(panel);
    SplitPanel.setStretch(document.content, 1);
    document.content.addClass('jp-DataChainSplit-editor');
    layout.insertWidget(index, split);
    BoxLayout.setStretch(split, 1);
    this._panel = panel;
    this._memory.attach(panel, split);
    void this._openIfWanted(panel);
  }

  /** A script that has nothing to do with DataChain keeps a closed bar. */
  private async _openIfWanted(panel: ScriptPanel): Promise<void> {
    await this._context.ready;
    const remembered = await this._memory.restore();
    if (this._isDisposed || panel.isDisposed || remembered || panel.byHand) {
      return;
    }
    const text = this._context.model.toString();
    if (this.session.job || ScriptSession.importsDataChain(text)) {
      panel.setOpen(true);
      return;
    }
    // Its runs may still be on their way from the server.
    const onRun = (): void => {
      if (this.session.job) {
        this.session.changed.disconnect(onRun);
        if (!panel.isDisposed && !panel.byHand) {
          panel.setOpen(true);
        }
      }
    };
    this.session.changed.connect(onRun);
  }

  /** A toolbar that only holds what is hidden would be an empty strip. */
  private _fitToolbar(): void {
    const { toolbar } = this.document;
    if (this._isDisposed || toolbar.isDisposed) {
      return;
    }
    const names = [...toolbar.names()].filter(
      name => !name.startsWith(TOOL_PREFIX) && !name.startsWith('toolbar-popup')
    );
    toolbar.setHidden(!this.isScript && names.length === 0);
  }

  private _goTo(at: ISourcePosition): void {
    if (at.path === this.session.job?.script.path) {
      this._moveCursor(at.line, at.column);
    } else {
      this._options.goTo(at);
    }
  }

  private _moveCursor(line: number, column?: number): void {
    if (this._editor) {
      moveCursor(this._editor, { line, column });
    }
  }

  /** Remembers the line that a refusal marks, as it reads. */
  private _onSession(): void {
    const { problem } = this.session;
    if (problem !== this._problem) {
      this._problem = problem;
      const line = placeOf(problem)?.line;
      this._marked =
        line === undefined ? null : (this._editor?.getLine(line - 1) ?? null);
    }
  }

  /** A refusal says nothing any more once the line that it marks is another. */
  private _onEdit(): void {
    const line = placeOf(this._problem)?.line;
    if (line !== undefined && this._lineNow(line) === null) {
      this.session.refuse(null);
    }
  }

  /** Where the marked line has moved to; null when it is no more. */
  private _lineNow(line: number): number | null {
    const editor = this._editor;
    if (!editor || this._marked === null) {
      return line;
    }
    for (let off = 0; off < editor.lineCount; off++) {
      for (const at of [line + off, line - off]) {
        if (at > 0 && editor.getLine(at - 1) === this._marked) {
          return at;
        }
      }
    }
    return null;
  }

  private _problem: Error | null = null;
  private _marked: string | null = null;
  private _panel: ScriptPanel | null = null;
  private _isDisposed = false;
  private readonly _tools = new Set<Widget>();
  private readonly _memory: PanelMemory;
}
