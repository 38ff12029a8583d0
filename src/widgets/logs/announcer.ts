import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { LogModel } from '../../model/log';

/** A screen reader is told of new lines this often, and of so many. */
const EVERY_MS = 5000;
const MOST_LINES = 3;
const MOST_CHARACTERS = 200;
const KEPT = 20;

/**
 * Tells a screen reader what a sighted user sees pass: the newest lines, now
 * and then. The window itself is no live region, since it changes with every
 * frame of a fast log.
 */
export class Announcer implements IDisposable {
  constructor(
    private readonly _model: LogModel,
    private readonly _trans: TranslationBundle
  ) {
    this.node.className = 'jp-DataChain-srOnly';
    this.node.setAttribute('role', 'log');
    this.node.setAttribute('aria-live', 'polite');
    this.node.setAttribute('aria-label', _trans.__('New log lines'));
  }

  readonly node = document.createElement('div');

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Begins after what is there now. */
  start(): void {
    this.stop();
    this._said = this._model.buffer.rowCount;
    this._timer = window.setInterval(() => this._say(), EVERY_MS);
  }

  stop(): void {
    clearInterval(this._timer);
  }

  dispose(): void {
    this._isDisposed = true;
    this.stop();
  }

  private _say(): void {
    const { buffer, lines } = this._model;
    const count = buffer.rowCount;
    // The last row may still be growing: it is said when it is done.
    const done = this._model.phase === 'ended' ? count : count - 1;
    if (done <= this._said) {
      this._said = Math.min(this._said, Math.max(0, done));
      return;
    }
    const first = Math.max(this._said, done - MOST_LINES);
    const skipped = first - this._said;
    this._said = done;
    if (skipped > 0) {
      this._append(this._trans._n('%1 more line', '%1 more lines', skipped));
    }
    for (let row = first; row < done; row++) {
      const text = lines.get(buffer.lineOf(row))?.text.trim();
      if (text) {
        this._append(text.slice(0, MOST_CHARACTERS));
      }
    }
  }

  private _append(text: string): void {
    const line = document.createElement('div');
    line.textContent = text;
    this.node.append(line);
    while (this.node.childElementCount > KEPT) {
      this.node.firstElementChild?.remove();
    }
  }

  private _said = 0;
  private _timer = 0;
  private _isDisposed = false;
}
