/** Each frame of a flood shows other lines, which no one can read: draw fewer. */
const FLOOD_MS = 100;

/** When to draw: once in an animation frame at most, in a flood less often. */
export class DrawClock {
  constructor(
    private readonly _draw: () => void,
    private readonly _isFlooded: () => boolean
  ) {}

  /** Draws in the next frame, however often it is asked. */
  request(): void {
    if (this._frame === 0) {
      this._frame = requestAnimationFrame(now => this._onFrame(now));
    }
  }

  cancel(): void {
    cancelAnimationFrame(this._frame);
    this._frame = 0;
  }

  private _onFrame(now: number): void {
    this._frame = 0;
    if (now - this._drawnAt < FLOOD_MS && this._isFlooded()) {
      this.request();
    } else {
      this._drawnAt = now;
      this._draw();
    }
  }

  private _frame = 0;
  private _drawnAt = 0;
}
