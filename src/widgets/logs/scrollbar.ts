import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal, type ISignal } from '@lumino/signaling';
import { ScrollBar } from '@lumino/widgets';

/** What a scroll bar asks for. */
export type ScrollRequest =
  | { readonly type: 'row'; readonly row: number }
  | { readonly type: 'end' }
  | { readonly type: 'rows' | 'pages'; readonly by: number };

/** A scroll bar over rows, not pixels: browsers clamp the height of elements. */
export class LogScrollBar extends ScrollBar {
  constructor(controls: string, trans: TranslationBundle) {
    super({ orientation: 'vertical' });
    this.node.setAttribute('role', 'scrollbar');
    this.node.setAttribute('aria-controls', controls);
    this.node.setAttribute('aria-label', trans.__('Position in the log'));
    this.node.setAttribute('aria-valuemin', '0');
    this.thumbMoved.connect((_, row) => {
      this._requested.emit(
        row >= this.maximum - 0.5 ? { type: 'end' } : { type: 'row', row }
      );
    });
    this.pageRequested.connect((_, where) => {
      this._requested.emit({ type: 'pages', by: sign(where) });
    });
    this.stepRequested.connect((_, where) => {
      this._requested.emit({ type: 'rows', by: sign(where) });
    });
  }

  get requested(): ISignal<this, ScrollRequest> {
    return this._requested;
  }

  /** `top` is the row at the top, with its hidden part; null at the end. */
  place(top: number | null, visible: number, count: number): void {
    const maximum = Math.max(0, count - visible);
    this.page = visible;
    this.maximum = maximum;
    this.value = top ?? maximum;
    this.setHidden(maximum === 0);
    this.node.setAttribute('aria-valuemax', String(maximum));
    this.node.setAttribute('aria-valuenow', String(Math.round(this.value)));
  }

  dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  private readonly _requested = new Signal<this, ScrollRequest>(this);
}

function sign(where: 'decrement' | 'increment'): number {
  return where === 'increment' ? 1 : -1;
}
