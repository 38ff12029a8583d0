import type { IStateDB } from '@jupyterlab/statedb';
import type { SplitPanel } from '@lumino/widgets';

import type { TabName } from '../jobs/tabs';
import type { ScriptPanel } from './panel';

const DEFAULT_SHARE = 0.42;

interface IRemembered {
  /** Whether the user left the panel open. */
  readonly open: boolean;
  /** How much of the height the open panel takes. */
  readonly share: number;
  /** A tab chosen by hand, and the job that it was chosen for. */
  readonly tab: TabName | null;
  readonly job: string | null;
}

/** Keeps, for each script, how the user left its panel, over a reload. */
export class PanelMemory {
  constructor(private readonly _db: IStateDB | null) {}

  setPath(path: string): void {
    this._path = path;
  }

  attach(panel: ScriptPanel, split: SplitPanel): void {
    this._panel = panel;
    this._split = split;
    panel.openChanged.connect(this._onOpen, this);
    panel.tabs.chosenChanged.connect(this._save, this);
    split.handleMoved.connect(this._onHandle, this);
  }

  /** Whether the user's own choice was found. */
  async restore(): Promise<boolean> {
    const found = (await this._db?.fetch(this._key).catch(() => undefined)) as
      IRemembered | undefined;
    const panel = this._panel;
    if (!found || !panel || panel.isDisposed) {
      return false;
    }
    this._share = found.share;
    panel.setOpen(found.open, true);
    if (found.tab) {
      this._restoreTab(panel, found.tab, found.job);
    }
    return true;
  }

  /** The job comes from the server, maybe after this. */
  private _restoreTab(
    panel: ScriptPanel,
    tab: TabName,
    job: string | null
  ): void {
    if (panel.tabs.jobId === job) {
      panel.tabs.chosen = tab;
      return;
    }
    const onJob = (): void => {
      panel.tabs.jobChanged.disconnect(onJob);
      if (panel.tabs.jobId === job) {
        panel.tabs.chosen = tab;
      }
    };
    panel.tabs.jobChanged.connect(onJob);
  }

  private _onOpen(_: unknown, open: boolean): void {
    if (open) {
      this._split?.setRelativeSizes([1 - this._share, this._share]);
    }
    if (this._panel?.byHand) {
      this._save();
    }
  }

  private _onHandle(split: SplitPanel): void {
    this._share = split.relativeSizes()[1] ?? DEFAULT_SHARE;
    this._save();
  }

  private _save(): void {
    const panel = this._panel;
    if (panel && !panel.isDisposed) {
      const value: IRemembered = {
        open: panel.isOpen,
        share: this._share,
        tab: panel.tabs.chosen,
        job: panel.tabs.jobId
      };
      void this._db?.save(this._key, { ...value });
    }
  }

  private get _key(): string {
    return `jupyter-datachain-jobs:panel:${this._path}`;
  }

  private _path = '';
  private _share = DEFAULT_SHARE;
  private _panel: ScriptPanel | null = null;
  private _split: SplitPanel | null = null;
}
