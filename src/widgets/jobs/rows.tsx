import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import React, { useEffect, useLayoutEffect, useRef, useState } from 'react';

import { isFinal } from '../../model/states';
import type { IJobList, IQueue, Job } from '../../tokens';
import { JobRow, ROW_HEIGHT } from './row';

/** Rows drawn beyond each edge, so that a short scroll shows no gap. */
const MARGIN = 6;
/** How many frames a height of 0 is doubted; then it waits for a resize. */
const DOUBTS = 60;

export interface IRowActions {
  open(job: Job): void;
  stop(job: Job): void;
  runAgain(job: Job): void;
  remove(job: Job): void;
}

/** The panel may be asked to take the focus before its first row is there. */
export interface IFocusWish {
  /** Whether the focus still waits in the panel for a row; then no longer. */
  take(): boolean;
  readonly made: ISignal<unknown, void>;
}

export interface IRowsProps {
  readonly list: IJobList;
  readonly queue: IQueue;
  readonly trans: TranslationBundle;
  readonly actions: IRowActions;
  readonly wish: IFocusWish;
}

/**
 * A list box with a roving tab stop, of which only the visible rows exist:
 * thousands of jobs cost no more than a screen of them.
 */
export function JobRows({
  list,
  queue,
  trans,
  actions,
  wish
}: IRowsProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const view = useView(box);
  // By id: rows move when newer jobs arrive.
  const [activeId, setActiveId] = useState<string | null>(null);
  const items = list.items;
  const found = items.findIndex(job => job.id === activeId);
  const active = found < 0 ? 0 : found;

  const first = Math.max(0, Math.floor(view.top / ROW_HEIGHT) - MARGIN);
  const last = Math.min(
    items.length,
    Math.ceil((view.top + view.height) / ROW_HEIGHT) + MARGIN
  );
  useEffect(() => {
    if (list.hasMore && list.phase === 'ready' && last >= items.length) {
      void list.loadMore();
    }
  });

  const focus = (index: number): void => {
    const job = items[Math.min(Math.max(index, 0), items.length - 1)];
    if (!job || !box.current) {
      return;
    }
    setActiveId(job.id);
    reveal(box.current, items.indexOf(job));
    // The row exists after the next drawing.
    requestAnimationFrame(() =>
      box.current
        ?.querySelector<HTMLElement>(`[data-job-id="${job.id}"]`)
        ?.focus({ preventScroll: true })
    );
  };
  useEffect(() => {
    const take = (): void => {
      if (items.length && wish.take()) {
        focus(active);
      }
    };
    take();
    wish.made.connect(take);
    return () => {
      wish.made.disconnect(take);
    };
  });

  // A row that is deleted takes the focus with it: the one that comes to its
  // place has it next. React tells of no blur when it removes a node.
  const holdsFocus = useRef(false);
  const place = useRef(0);
  useLayoutEffect(() => {
    if (found >= 0) {
      place.current = found;
    } else if (
      activeId !== null &&
      holdsFocus.current &&
      document.activeElement === document.body
    ) {
      focus(place.current);
    }
  });
  useLayoutEffect(() => {
    const node = box.current;
    return () => {
      // The last row is gone, and the list with it.
      if (node?.contains(document.activeElement)) {
        node.closest<HTMLElement>('.jp-DataChainJobs')?.focus();
      }
    };
  }, []);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view.height / ROW_HEIGHT) - 1);
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: items.length - 1
    };
    const job = items[active];
    if (event.key in moves) {
      focus(moves[event.key]);
    } else if (job && (event.key === 'Enter' || event.key === ' ')) {
      actions.open(job);
    } else if (job && event.key === 'Delete' && isFinal(job.state)) {
      actions.remove(job);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  // The row that has the tab stop is drawn even when it is scrolled away.
  const drawn = range(first, last);
  if (items.length && active < first) {
    drawn.unshift(active);
  } else if (items.length && active >= last) {
    drawn.push(active);
  }
  return (
    <div
      ref={box}
      className="jp-DataChainJobs-rows"
      role="listbox"
      aria-label={trans.__('Jobs, newest first')}
      aria-busy={list.phase === 'loading'}
      onKeyDown={onKeyDown}
      onFocus={() => {
        holdsFocus.current = true;
      }}
      onBlur={() => {
        holdsFocus.current = false;
      }}
    >
      <div
        className="jp-DataChainJobs-canvas"
        role="presentation"
        style={{ height: items.length * ROW_HEIGHT }}
      >
        {drawn.map(index => (
          <JobRow
            key={items[index].id}
            job={items[index]}
            index={index}
            count={list.hasMore ? -1 : items.length}
            isActive={index === active}
            isSelected={index === found}
            queue={queue}
            trans={trans}
            actions={actions}
            onFocus={() => setActiveId(items[index].id)}
          />
        ))}
      </div>
      {list.phase === 'loading' && items.length === 0 && (
        <div className="jp-DataChain-skeleton" aria-hidden="true">
          {range(0, 4).map(index => (
            <div key={index} style={{ height: ROW_HEIGHT }} />
          ))}
        </div>
      )}
    </div>
  );
}

/** What part of the box is on screen; a whole screen until that is known. */
function useView(box: React.RefObject<HTMLDivElement>): {
  top: number;
  height: number;
} {
  const [view, setView] = useState({ top: 0, height: window.innerHeight });
  useLayoutEffect(() => {
    const node = box.current;
    if (!node) {
      return;
    }
    let frame = 0;
    let doubts = 0;
    const read = (): void => {
      cancelAnimationFrame(frame);
      const { scrollTop: top, clientHeight: height } = node;
      // Hidden, or its style sheet is being swapped: no size to draw for.
      if (height === 0) {
        if (doubts++ < DOUBTS) {
          frame = requestAnimationFrame(read);
        }
        return;
      }
      doubts = 0;
      setView(old =>
        old.top === top && old.height === height ? old : { top, height }
      );
    };
    read();
    const observer = new ResizeObserver(read);
    observer.observe(node);
    node.addEventListener('scroll', read, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      node.removeEventListener('scroll', read);
    };
  }, [box]);
  return view;
}

function reveal(box: HTMLElement, index: number): void {
  const top = index * ROW_HEIGHT;
  if (top < box.scrollTop) {
    box.scrollTop = top;
  } else if (top + ROW_HEIGHT > box.scrollTop + box.clientHeight) {
    box.scrollTop = top + ROW_HEIGHT - box.clientHeight;
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
