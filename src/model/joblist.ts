import { ArrayExt } from '@lumino/algorithm';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IJobFilter, IJobList, IJobs, Job, JobsChange } from '../tokens';
import { matches, newestFirst } from './states';

const PAGE = 50;

/**
 * One view of the jobs. Pages come from the server's index, so a filter finds
 * jobs that were never loaded; changes come from `IJobs` and are matched here.
 */
export class JobList implements IJobList {
  constructor(
    private readonly _jobs: IJobs,
    private _filter: IJobFilter = { q: '', states: [] }
  ) {
    _jobs.changed.connect(this._onChanged, this);
    void this.reload();
  }

  get items(): readonly Job[] {
    return this._items;
  }

  get hasMore(): boolean {
    return this._next !== null;
  }

  get phase(): 'loading' | 'ready' | 'failed' {
    return this._phase;
  }

  get problem(): Error | null {
    return this._problem;
  }

  get filter(): IJobFilter {
    return this._filter;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  setFilter(filter: IJobFilter): void {
    this._filter = filter;
    // What is loaded and matches stays on screen while the answer is awaited.
    this._items = this._items.filter(job => matches(job, filter));
    void this.reload();
  }

  async reload(): Promise<void> {
    this._phase = 'loading';
    this._changed.emit();
    // The first page is read only once changes are followed: none is missed.
    await this._jobs.start();
    await this._read(null);
  }

  async loadMore(): Promise<void> {
    if (this._next !== null && this._phase !== 'loading') {
      this._phase = 'loading';
      await this._read(this._next);
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._jobs.changed.disconnect(this._onChanged, this);
      Signal.clearData(this);
    }
  }

  private async _read(cursor: string | null): Promise<void> {
    const request = ++this._request;
    const { q, states } = this._filter;
    this._meanwhile = [];
    try {
      const page = await this._jobs.client.listJobs({
        limit: PAGE,
        q: q.trim() || undefined,
        state: states,
        cursor: cursor ?? undefined
      });
      if (request !== this._request || this._isDisposed) {
        return;
      }
      this._take(page.items, page.next, cursor === null);
    } catch (error) {
      if (request === this._request && !this._isDisposed) {
        this._phase = 'failed';
        this._problem = error as Error;
        this._changed.emit();
      }
    }
  }

  private _take(
    page: readonly Job[],
    next: string | null,
    first: boolean
  ): void {
    this._phase = 'ready';
    this._problem = null;
    this._next = next;
    if (first) {
      this._items = [];
    }
    this._jobs.learn(page);
    for (const answered of page) {
      // Events may have told something newer than this answer.
      const job = this._jobs.get(answered.id);
      if (job) {
        this._put(job, true);
      }
    }
    for (const change of this._meanwhile) {
      this._apply(change);
    }
    this._meanwhile = [];
    this._changed.emit();
  }

  private _onChanged(_: unknown, change: JobsChange): void {
    if (change.type === 'reset') {
      void this.reload();
      return;
    }
    if (this._phase === 'loading') {
      this._meanwhile.push(change);
    }
    this._apply(change);
    this._changed.emit();
  }

  private _apply(change: JobsChange): void {
    if (change.type === 'set') {
      this._put(change.job);
    } else if (change.type === 'removed') {
      ArrayExt.removeFirstWhere(this._items, job => job.id === change.id);
    }
  }

  /** A job older than all that is loaded waits for its page, unless it is it. */
  private _put(job: Job, ofPage = false): void {
    const at = ArrayExt.lowerBound(this._items, job, newestFirst);
    const known = this._items[at]?.id === job.id;
    if (!matches(job, this._filter)) {
      if (known) {
        ArrayExt.removeAt(this._items, at);
      }
    } else if (known) {
      this._items[at] = job;
    } else if (ofPage || at < this._items.length || this._next === null) {
      ArrayExt.insert(this._items, at, job);
    }
  }

  private _items: Job[] = [];
  private _next: string | null = null;
  private _phase: 'loading' | 'ready' | 'failed' = 'loading';
  private _problem: Error | null = null;
  private _isDisposed = false;
  /** Answers of an older filter are dropped by this number. */
  private _request = 0;
  /** Changes seen while a page was on its way. */
  private _meanwhile: JobsChange[] = [];
  private readonly _changed = new Signal<this, void>(this);
}
