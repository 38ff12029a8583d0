import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IJobs, IQueue, Job, JobsChange, Wait } from '../tokens';

/** Changes come in bursts: one question for all of a moment. */
const SETTLE_MS = 300;
/** An estimate ages without any change. */
const FREQUENCY = { interval: 15_000, max: 60_000, backoff: true };
/** What is older says nothing about a queue that has moved on. */
const STALE_MS = 90_000;
/** A long queue is answered in part. How many of the rest are asked for at once, and how often. */
const MOST_SINGLE = 30;
const SINGLE_MS = 10_000;

interface IAnswer {
  readonly wait: Wait;
  readonly at: number;
}

/**
 * Why queued jobs wait. The server is asked while somebody watches a job that
 * is queued: soon after a change of any job that can move the queue, and now
 * and then. A page that is hidden asks nothing.
 */
export class QueueModel implements IQueue {
  constructor(private readonly _jobs: IJobs) {
    this._poll = new Poll({
      auto: false,
      name: 'jupyter-datachain-jobs:queue',
      factory: () => this._ask(),
      frequency: FREQUENCY,
      linger: 0
    });
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get(id: string): Wait | undefined {
    const answer = this._answers.get(id);
    return answer && Date.now() - answer.at < STALE_MS
      ? answer.wait
      : undefined;
  }

  /** For as long as the job is queued and on screen. */
  watch(id: string): IDisposable {
    if (this._watched.size === 0) {
      this._jobs.changed.connect(this._onChanged, this);
      this._asking = false;
    }
    this._watched.set(id, (this._watched.get(id) ?? 0) + 1);
    if (!this._asking) {
      this._asking = true;
      void this._poll.start();
    } else if (!this._answers.has(id)) {
      this._askSoon();
    }
    return new DisposableDelegate(() => this._unwatch(id));
  }

  private _unwatch(id: string): void {
    const count = this._watched.get(id) ?? 0;
    if (count > 1) {
      this._watched.set(id, count - 1);
      return;
    }
    this._watched.delete(id);
    if (this._watched.size === 0) {
      this._jobs.changed.disconnect(this._onChanged, this);
      clearTimeout(this._timer);
      this._timer = undefined;
      this._marks.clear();
      void this._poll.stop();
    }
  }

  private _onChanged(_: unknown, change: JobsChange): void {
    if (change.type === 'set') {
      const mark = markOf(change.job);
      if (this._marks.get(change.job.id) !== mark) {
        this._marks.set(change.job.id, mark);
        this._askSoon();
      }
    } else {
      this._askSoon();
    }
  }

  private _askSoon(): void {
    this._timer ??= setTimeout(() => {
      this._timer = undefined;
      void this._poll.refresh();
    }, SETTLE_MS);
  }

  private async _ask(): Promise<void> {
    const { client } = this._jobs;
    const { items } = await client.queue();
    const at = Date.now();
    const answers = new Map<string, IAnswer>();
    for (const wait of items) {
      answers.set(wait.job_id, { wait, at });
    }
    const behind = [...this._watched.keys()].filter(
      id => !answers.has(id) && this._jobs.get(id)?.state === 'QUEUED'
    );
    for (const id of behind.slice(0, MOST_SINGLE)) {
      const answer = this._answers.get(id);
      if (answer && at - answer.at < SINGLE_MS) {
        answers.set(id, answer);
        continue;
      }
      try {
        answers.set(id, { wait: await client.wait(id), at });
      } catch {
        // It has started meanwhile, which is told as a change of its own.
      }
    }
    this._answers = answers;
    this._changed.emit();
  }

  private readonly _poll: Poll;
  private _asking = false;
  private _timer: number | undefined;
  private _answers = new Map<string, IAnswer>();
  /** How many watch each job. */
  private readonly _watched = new Map<string, number>();
  /** What of each job moves the queue, as it was seen last. */
  private readonly _marks = new Map<string, string>();
  private readonly _changed = new Signal<this, void>(this);
}

/** Progress does not move the queue; these do. */
function markOf({ state, attempt, settings }: Job): string {
  return `${state} ${attempt} ${settings.priority}`;
}
