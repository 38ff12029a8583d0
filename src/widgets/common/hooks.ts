import type { ISignal } from '@lumino/signaling';
import { useEffect, useReducer, useState } from 'react';

/** Draws again whenever a signal speaks, as long as the component is shown. */
export function useSignal(signal: ISignal<unknown, unknown>): void {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    signal.connect(redraw);
    return () => {
      signal.disconnect(redraw);
    };
  }, [signal]);
}

/** One clock for all: two places that count the same seconds agree. */
const clock = {
  now: Date.now(),
  timer: 0,
  listeners: new Set<(now: number) => void>()
};

function listen(listener: (now: number) => void): () => void {
  if (clock.listeners.size === 0) {
    clock.now = Date.now();
    clock.timer = window.setInterval(() => {
      clock.now = Date.now();
      clock.listeners.forEach(each => each(clock.now));
    }, 1000);
  }
  clock.listeners.add(listener);
  listener(clock.now);
  return () => {
    clock.listeners.delete(listener);
    if (clock.listeners.size === 0) {
      clearInterval(clock.timer);
    }
  };
}

/** The time, each second while something on screen depends on it. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() =>
    clock.listeners.size > 0 ? clock.now : Date.now()
  );
  useEffect(() => (ticking ? listen(setNow) : undefined), [ticking]);
  return now;
}
