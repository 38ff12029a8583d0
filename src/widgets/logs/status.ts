import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { LogModel } from '../../model/log';
import type { IJobModel } from '../../tokens';

const NOTE_MS = 6000;

/** How the log stands, in words: what a user looks for first. */
export class LogStatus extends Widget {
  constructor(
    private readonly _model: LogModel,
    private readonly _trans: TranslationBundle,
    private readonly _job?: IJobModel
  ) {
    super();
    this.addClass('jp-DataChainLog-status');
    this._phase.className = 'jp-DataChainLog-phase';
    this._phase.setAttribute('role', 'status');
    this._count.className = 'jp-DataChainLog-count';
    this._note.className = 'jp-DataChainLog-message';
    this._note.setAttribute('role', 'status');
    this.node.append(this._phase, this._count, this._note);
  }

  refresh(): void {
    const { buffer, size } = this._model;
    this._phase.dataset.phase = this._phaseNow;
    set(this._phase, this._words());
    // As the rows are numbered: the last number is this one.
    const count = buffer.numberOf(buffer.rowCount);
    set(
      this._count,
      count === 0
        ? ''
        : `${this._trans
            ._n('%1 line', '%1 lines', count)
            .replace(String(count), count.toLocaleString())} · ${bytes(size)}`
    );
  }

  /** Says something for a while. */
  say(text: string): void {
    clearTimeout(this._timer);
    set(this._note, text);
    this._timer = window.setTimeout(() => set(this._note, ''), NOTE_MS);
  }

  dispose(): void {
    clearTimeout(this._timer);
    super.dispose();
  }

  /** A log is followed before there is one; that is not to be called live. */
  private get _phaseNow(): LogModel['phase'] | 'queued' {
    const { phase } = this._model;
    const state = this._job?.job?.state;
    return phase === 'live' && (state === 'QUEUED' || state === 'INIT')
      ? 'queued'
      : phase;
  }

  private _words(): string {
    const trans = this._trans;
    const { buffer, size } = this._model;
    switch (this._phaseNow) {
      case 'queued':
        return trans.__('Waiting for its start');
      case 'waiting':
        return trans.__('Connecting');
      case 'catching-up': {
        const share = Math.floor(((buffer.end ?? 0) / size) * 100);
        return trans.__('Catching up, %1 %', share);
      }
      case 'live':
        return trans.__('Live');
      case 'reconnecting':
        return trans.__('Reconnecting');
      case 'ended':
        return trans.__('Ended');
      case 'refused':
        return trans.__('Not available');
    }
  }

  private readonly _phase = document.createElement('span');
  private readonly _count = document.createElement('span');
  private readonly _note = document.createElement('span');
  private _timer = 0;
}

/** A text that did not change is not said again by a screen reader. */
function set(node: HTMLElement, text: string): void {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

/** Bytes in binary units. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toLocaleString(undefined, { maximumFractionDigits: digits })} ${units[unit]}`;
}
