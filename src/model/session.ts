import { Signal, type ISignal } from '@lumino/signaling';

import type { IJobs, IQueue, Job } from '../tokens';
import { ScriptRuns } from './script';
import { canStop, isFinal } from './states';

/** Imports datachain at the start of a line: not in a comment or a word. */
const IMPORTS_DATACHAIN = /^[ \t]*(?:import|from)[ \t]+datachain\b/m;

/** One open script: what was asked of it and how its newest run goes. */
export class ScriptSession {
  constructor(private readonly _jobs: IJobs) {
    this.runs = new ScriptRuns(_jobs);
    this.runs.changed.connect(this._emit, this);
  }

  readonly runs: ScriptRuns;

  /** Why the last wish was refused; null once something worked. */
  get problem(): Error | null {
    return this._problem;
  }

  /** Whether a run was asked for and not answered yet. */
  get submitting(): boolean {
    return this._submitting;
  }

  get job(): Job | null {
    return this.runs.latest;
  }

  get queue(): IQueue {
    return this._jobs.queue;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** A run that this window asked for has begun its life. */
  get started(): ISignal<this, Job> {
    return this._started;
  }

  static isScript(path: string): boolean {
    return path.endsWith('.py');
  }

  static importsDataChain(text: string): boolean {
    return IMPORTS_DATACHAIN.test(text);
  }

  /** The ended run that a Resume goes on from. */
  get resumable(): Job | null {
    return this.job && isFinal(this.job.state) ? this.job : null;
  }

  /** resume: id of the run whose checkpoints it goes on from. */
  async run(text: string, resume?: string): Promise<void> {
    // A second press while the first is on its way is one wish, not two.
    if (this._submitting) {
      return;
    }
    this._submitting = true;
    await this._attempt(async () => {
      const script = { path: this.runs.path, text };
      this._started.emit(
        await this._jobs.submit(resume ? { script, resume } : { script })
      );
    });
    this._submitting = false;
    this._emit();
  }

  async runAgain(job: Job): Promise<void> {
    await this._attempt(async () => {
      this._started.emit(await this._jobs.rerun(job.id));
    });
  }

  /** Asks nothing; pressed again while the job is stopping, it kills it. */
  async stop(): Promise<void> {
    const job = this.job;
    if (job && canStop(job)) {
      await this._attempt(() => this._jobs.stop(job.id));
    }
  }

  refuse(problem: Error | null): void {
    this._problem = problem;
    this._emit();
  }

  dispose(): void {
    this.runs.changed.disconnect(this._emit, this);
    this.runs.dispose();
    Signal.clearData(this);
  }

  private async _attempt(wish: () => Promise<void>): Promise<void> {
    this.refuse(null);
    try {
      await wish();
    } catch (error) {
      this.refuse(error as Error);
    }
  }

  private _emit(): void {
    this._changed.emit();
  }

  private _problem: Error | null = null;
  private _submitting = false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _started = new Signal<this, Job>(this);
}
