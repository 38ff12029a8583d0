import { Signal, type ISignal } from '@lumino/signaling';

import type { Attempt, IAttempts, IJobModel, IJobsClient } from '../tokens';

/** The attempts of one job, read again whenever one begins or ends. */
export class Attempts implements IAttempts {
  constructor(
    private readonly _job: IJobModel,
    private readonly _client: IJobsClient
  ) {
    _job.changed.connect(this._onChanged, this);
    this._onChanged();
  }

  get items(): readonly Attempt[] {
    return this._items;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._timer);
      this._job.changed.disconnect(this._onChanged, this);
      Signal.clearData(this);
    }
  }

  private _onChanged(): void {
    const { job } = this._job;
    // Nothing to know of the one attempt of a job that nobody stops.
    if (
      !job ||
      job.attempt === 0 ||
      (job.attempt === 1 && (job.state === 'INIT' || job.state === 'RUNNING'))
    ) {
      return;
    }
    const mark = `${job.attempt} ${job.state}`;
    if (mark !== this._mark) {
      this._mark = mark;
      void this._read();
    }
  }

  private async _read(): Promise<void> {
    clearTimeout(this._timer);
    const mark = this._mark;
    let items: Attempt[];
    try {
      items = await this._client.attempts(this._job.id);
    } catch (error) {
      if (mark === this._mark && !this._isDisposed) {
        console.warn('jupyter-datachain-jobs: the attempts of a job', error);
        this._timer = setTimeout(() => void this._read(), RETRY_MS);
      }
      return;
    }
    if (mark === this._mark && !this._isDisposed) {
      this._items = items;
      this._changed.emit();
    }
  }

  private _items: readonly Attempt[] = [];
  private _mark = '';
  private _timer: number | undefined;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}

const RETRY_MS = 5000;
