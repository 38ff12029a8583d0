import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type {
  Column,
  DatasetDetail,
  DatasetVersion,
  IJobModel,
  IJobsClient
} from '../tokens';
import { DatasetPages } from './datasetpages';
import { isFinal } from './states';

/** A running job may save a dataset at any time; nobody tells. */
const REFRESH_MS = 4000;

/** DataChain marks a version complete shortly after the job has ended. */
const SETTLE_MS = 1500;

/** A version that is shown, with its rows. */
export interface IOpenDataset {
  readonly detail: DatasetDetail;
  /** The columns that are meant for eyes, and where they are in a page. */
  readonly columns: readonly IShownColumn[];
  readonly pages: DatasetPages;
}

export interface IShownColumn extends Column {
  readonly index: number;
}

/** The dataset versions of one job, and the one that is open. */
export class JobDatasets implements IDisposable {
  constructor(
    private readonly _job: IJobModel,
    private readonly _client: IJobsClient
  ) {
    _job.changed.connect(this._onJobChanged, this);
  }

  /** In the order in which the job saved them. */
  get items(): readonly DatasetVersion[] {
    return this._items;
  }

  get open(): IOpenDataset | null {
    return this._open;
  }

  /** `loading` until the first answer, then `ready` or `failed`. */
  get phase(): 'loading' | 'ready' | 'failed' {
    return this._phase;
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

  /** Reads, and reads again while someone looks and the job runs. */
  start(): void {
    this._active = true;
    void this.refresh();
  }

  stop(): void {
    this._active = false;
    clearTimeout(this._timer);
  }

  /** Opens a version and stays with it. */
  select(uuid: string): void {
    this._chosen = uuid;
    void this._openVersion(uuid);
  }

  async refresh(): Promise<void> {
    clearTimeout(this._timer);
    const asked = ++this._asked;
    try {
      const items = await this._client.datasets(this._job.id);
      if (asked === this._asked && !this._isDisposed) {
        this._items = items;
        this._settle('ready', null);
        await this._follow();
      }
    } catch (error) {
      if (asked === this._asked && !this._isDisposed) {
        this._settle(this._items.length ? 'ready' : 'failed', error as Error);
      }
    } finally {
      if (asked === this._asked) {
        this._later();
      }
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.stop();
      this._job.changed.disconnect(this._onJobChanged, this);
      this._open?.pages.dispose();
      Signal.clearData(this);
    }
  }

  /** Keeps what the user chose, else shows the newest version that is done. */
  private async _follow(): Promise<void> {
    const done = this._items.filter(item => item.status === 'COMPLETE');
    const chosen = this._items.find(item => item.uuid === this._chosen);
    const shown = chosen ?? done[done.length - 1] ?? null;
    const open = this._open?.detail;
    if (!shown) {
      this._setOpen(null);
    } else if (
      open?.uuid !== shown.uuid ||
      open.status !== shown.status ||
      open.num_rows !== shown.num_rows
    ) {
      await this._openVersion(shown.uuid);
    }
  }

  private async _openVersion(uuid: string): Promise<void> {
    const opening = (this._opening = {});
    try {
      const detail = await this._client.dataset(uuid);
      if (opening !== this._opening || this._isDisposed) {
        return;
      }
      const columns = detail.columns
        .map((column, index) => ({ ...column, index }))
        .filter(column => !column.hidden);
      const pages = new DatasetPages(
        this._client,
        uuid,
        detail.columns.length,
        detail.num_rows ?? 0
      );
      this._problem = null;
      this._setOpen({ detail, columns, pages });
    } catch (error) {
      if (opening === this._opening && !this._isDisposed) {
        this._settle('ready', error as Error);
      }
    }
  }

  private _setOpen(open: IOpenDataset | null): void {
    if (open !== this._open) {
      this._open?.pages.dispose();
      this._open = open;
      this._changed.emit();
    }
  }

  private _settle(phase: 'ready' | 'failed', problem: Error | null): void {
    this._phase = phase;
    this._problem = problem;
    this._changed.emit();
  }

  private _later(): void {
    if (!this._active || this._isDisposed) {
      return;
    }
    const state = this._job.job?.state;
    const running = state !== undefined && !isFinal(state);
    const unfinished = this._items.some(item => item.status !== 'COMPLETE');
    clearTimeout(this._timer);
    if (running) {
      this._timer = setTimeout(() => void this.refresh(), REFRESH_MS);
    } else if (unfinished && this._settling-- > 0) {
      this._timer = setTimeout(() => void this.refresh(), SETTLE_MS);
    }
  }

  private _onJobChanged(): void {
    const state = this._job.job?.state;
    if (state !== this._state) {
      this._state = state;
      this._settling = 3;
      if (this._active) {
        void this.refresh();
      }
    }
  }

  private _items: readonly DatasetVersion[] = [];
  private _open: IOpenDataset | null = null;
  private _phase: 'loading' | 'ready' | 'failed' = 'loading';
  private _problem: Error | null = null;
  private _chosen: string | null = null;
  private _opening: object = {};
  private _asked = 0;
  private _active = false;
  private _settling = 3;
  private _state: string | undefined;
  private _timer: number | undefined;
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
