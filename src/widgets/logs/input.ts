import type { ISourcePosition } from '../../tokens';

/** What the keys and the wheel do. */
export interface IInputHost {
  lineHeight(): number;
  scrollBy(pixels: number): void;
  toStart(): void;
  toEnd(): void;
  goTo(at: ISourcePosition): void;
}

/** One press of an arrow to the side. */
const SIDE = 40;

/** Wheel, keys, and clicks on links of a log's window. */
export class LogInput {
  constructor(
    private readonly _pane: HTMLElement,
    private readonly _host: IInputHost
  ) {}

  attach(): void {
    this._pane.addEventListener('wheel', this, { passive: false });
    this._pane.addEventListener('keydown', this);
    this._pane.addEventListener('click', this);
    this._pane.addEventListener('scroll', this);
  }

  detach(): void {
    this._pane.removeEventListener('wheel', this);
    this._pane.removeEventListener('keydown', this);
    this._pane.removeEventListener('click', this);
    this._pane.removeEventListener('scroll', this);
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'wheel':
        this._onWheel(event as WheelEvent);
        break;
      case 'keydown':
        this._onKey(event as KeyboardEvent);
        break;
      case 'click':
        this._onClick(event as MouseEvent);
        break;
      case 'scroll':
        this._onScroll();
        break;
    }
  }

  private _onWheel(event: WheelEvent): void {
    // With Ctrl it zooms; to the side the browser scrolls.
    if (event.ctrlKey || Math.abs(event.deltaY) <= Math.abs(event.deltaX)) {
      return;
    }
    const units: Record<number, number> = {
      [WheelEvent.DOM_DELTA_LINE]: this._host.lineHeight(),
      [WheelEvent.DOM_DELTA_PAGE]: this._pane.clientHeight
    };
    event.preventDefault();
    this._host.scrollBy(event.deltaY * (units[event.deltaMode] ?? 1));
  }

  private _onKey(event: KeyboardEvent): void {
    const act = this._keys[event.key];
    if (act && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      event.stopPropagation();
      act();
    }
  }

  private _onClick(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLElement>('a[data-path]');
    if (link) {
      event.preventDefault();
      const { path = '', at } = link.dataset;
      this._host.goTo({ path, line: Number(at) });
    }
  }

  /** The browser brings a focused link into view by itself: let the rows move instead. */
  private _onScroll(): void {
    const moved = this._pane.scrollTop;
    if (moved !== 0) {
      this._pane.scrollTop = 0;
      this._host.scrollBy(moved);
    }
  }

  private _page(): number {
    return this._pane.clientHeight - this._host.lineHeight();
  }

  private readonly _keys: Record<string, () => void> = {
    ArrowUp: () => this._host.scrollBy(-this._host.lineHeight()),
    ArrowDown: () => this._host.scrollBy(this._host.lineHeight()),
    ArrowLeft: () => this._pane.scrollBy(-SIDE, 0),
    ArrowRight: () => this._pane.scrollBy(SIDE, 0),
    PageUp: () => this._host.scrollBy(-this._page()),
    PageDown: () => this._host.scrollBy(this._page()),
    Home: () => this._host.toStart(),
    End: () => this._host.toEnd()
  };
}
