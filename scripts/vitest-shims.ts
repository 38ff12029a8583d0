/** What JupyterLab's packages expect of a browser when they are loaded, and jsdom has not. */
class NoObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}

const window_ = globalThis as unknown as Record<string, unknown>;
window_.DragEvent ??= class extends Event {};
window_.ResizeObserver ??= NoObserver;
window_.IntersectionObserver ??= NoObserver;
window_.matchMedia ??= () => ({
  matches: false,
  addEventListener: () => undefined,
  removeEventListener: () => undefined
});

// JupyterLab draws its React widgets when the browser is idle; jsdom never says that it is.
globalThis.requestIdleCallback ??= callback =>
  setTimeout(
    () => callback({ didTimeout: false, timeRemaining: () => 1 }),
    0
  ) as unknown as number;
