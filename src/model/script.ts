import { Signal, type ISignal } from '@lumino/signaling';

import type { IJobs, Job, JobsChange } from '../tokens';
import { newestFirst } from './states';

/** The newest run of one script, live; it follows the script to a new path. */
export class ScriptRuns {
  constructor(private readonly _jobs: IJobs) {
    _jobs.changed.connect(this._onChanged, this);
  }

  get path(): string {
    return this._path;
  }

  get latest(): Job | null {
    return this._latest;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * `keep` says that it is the same script under a new name, so that its last
   * run, which has the old path, stays the latest one.
   */
  setPath(path: string, keep = false): void {
    if (path === this._path) {
      return;
    }
    this._path = path;
    if (!keep) {
      this._set(null);
    }
    void this._read();
  }

  dispose(): void {
    this._isDisposed = true;
    this._jobs.changed.disconnect(this._onChanged, this);
    Signal.clearData(this);
  }

  private async _read(): Promise<void> {
    const path = this._path;
    await this._jobs.start();
    try {
      const page = await this._jobs.client.listJobs({ script: path, limit: 1 });
      this._jobs.learn(page.items);
      if (page.items.length && path === this._path) {
        this._offer(page.items[0]);
      }
    } catch (error) {
      // The next change of a run of this script brings it back.
      console.warn(`jupyter-datachain-jobs: the runs of ${path}`, error);
    }
  }

  private _onChanged(_: unknown, change: JobsChange): void {
    if (change.type === 'set') {
      if (
        change.job.script.path === this._path ||
        change.job.id === this._latest?.id
      ) {
        this._offer(change.job);
      }
    } else if (change.type === 'removed') {
      if (change.id === this._latest?.id) {
        this._set(null);
        void this._read();
      }
    } else {
      this._set(null);
      void this._read();
    }
  }

  private _offer(answered: Job): void {
    const job = this._jobs.get(answered.id) ?? answered;
    if (!this._latest || newestFirst(job, this._latest) <= 0) {
      this._set(job);
    }
  }

  private _set(job: Job | null): void {
    if (job !== this._latest && !this._isDisposed) {
      this._latest = job;
      this._changed.emit();
    }
  }

  private _path = '';
  private _latest: Job | null = null;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
