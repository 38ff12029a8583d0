import { Signal, type ISignal } from '@lumino/signaling';

import type { IJobModel, IJobs, Job, JobsChange } from '../tokens';

/** One job as the server has it; it ends with its view, not with the job. */
export class JobModel implements IJobModel {
  constructor(
    private readonly _jobs: IJobs,
    readonly id: string
  ) {
    this._job = _jobs.get(id) ?? null;
    _jobs.changed.connect(this._onChanged, this);
    if (!this._job) {
      void this._read();
    }
  }

  get job(): Job | null {
    return this._job;
  }

  get problem(): Error | null {
    return this._problem;
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
      this._jobs.changed.disconnect(this._onChanged, this);
      Signal.clearData(this);
    }
  }

  private async _read(): Promise<void> {
    try {
      // Comes back as a change like any other.
      this._jobs.learn([await this._jobs.client.job(this.id)]);
    } catch (error) {
      this._set(null, error as Error);
    }
  }

  private _onChanged(_: unknown, change: JobsChange): void {
    if (change.type === 'set' && change.job.id === this.id) {
      this._set(change.job, null);
    } else if (change.type === 'removed' && change.id === this.id) {
      this._set(null, null);
    } else if (change.type === 'reset') {
      void this._read();
    }
  }

  private _set(job: Job | null, problem: Error | null): void {
    if (!this._isDisposed) {
      this._job = job;
      this._problem = problem;
      this._changed.emit();
    }
  }

  private _job: Job | null;
  private _problem: Error | null = null;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
