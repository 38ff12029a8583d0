import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect, ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import { BoxLayout, Widget } from '@lumino/widgets';
import React from 'react';

import { Attempts } from '../../model/attempts';
import { dueIn, mostAttempts } from '../../model/states';
import type {
  Attempt,
  IAttempts,
  IJobModel,
  IJobViewOptions,
  Job
} from '../../tokens';
import { attemptEnd } from '../common/ending';
import { clock } from '../common/format';
import { useNow, useSignal } from '../common/hooks';
import { hasAttempts, span } from '../common/waiting';
import { LogView } from './view';

/**
 * The log of a job: that of its present attempt, live over the next one, and
 * of an earlier attempt when the user picks one.
 */
export class AttemptsLog extends Widget {
  constructor(private readonly _options: IJobViewOptions) {
    super();
    this.addClass('jp-DataChainLogs');
    const { job, client, translator } = _options;
    this._attempts = new Attempts(job, client);
    this._live = new LogView(_options);
    this._seen = job.job?.attempt ?? 0;
    this._strip = new Strip({
      job,
      attempts: this._attempts,
      trans: translator.load('jupyter_datachain_jobs'),
      picked: () => this._picked,
      pick: attempt => this._pick(attempt),
      changed: this._pickedChanged
    });
    this._strip.hide();
    const layout = new BoxLayout({ direction: 'top-to-bottom', spacing: 0 });
    layout.addWidget(this._strip);
    layout.addWidget(this._live);
    BoxLayout.setStretch(this._live, 1);
    this.layout = layout;
    job.changed.connect(this._onJob, this);
    this._onJob();
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._options.job.changed.disconnect(this._onJob, this);
      this._attempts.dispose();
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected onActivateRequest(message: Message): void {
    (this._past ?? this._live).activate();
  }

  private _onJob(): void {
    const { job } = this._options.job;
    if (!job) {
      return;
    }
    this._strip.setHidden(!hasAttempts(job));
    if (job.attempt > this._seen) {
      const before = this._seen;
      this._seen = job.attempt;
      // Who reads further up has not asked for another log.
      if (before > 0 && !this._picked && !this._live.viewport.following) {
        this._pick(before);
      }
    }
  }

  /** Null, or the present attempt, follows the job. */
  private _pick(attempt: number | null): void {
    const { job, client } = this._options;
    const picked = attempt === job.job?.attempt ? null : attempt;
    if (picked === this._picked) {
      return;
    }
    this._picked = picked;
    this._past?.dispose();
    this._past = null;
    this._live.setHidden(picked !== null);
    if (picked !== null) {
      this._past = new LogView({
        ...this._options,
        ...client.pastAttempt(picked),
        job: new PastJob(job, picked)
      });
      (this.layout as BoxLayout).addWidget(this._past);
      BoxLayout.setStretch(this._past, 1);
    }
    this._pickedChanged.emit();
  }

  private readonly _attempts: Attempts;
  private readonly _strip: Strip;
  private readonly _live: LogView;
  private _past: LogView | null = null;
  /** The attempt that the user chose; null for the live one. */
  private _picked: number | null = null;
  private _seen: number;
  private readonly _pickedChanged = new Signal<this, void>(this);
}

/** A job as one of its earlier attempts left it: nothing more will be printed. */
class PastJob implements IJobModel {
  constructor(
    private readonly _job: IJobModel,
    private readonly _attempt: number
  ) {
    this.id = _job.id;
    this.changed = _job.changed;
  }

  readonly id: string;
  readonly changed: IJobModel['changed'];
  readonly problem = null;
  readonly isDisposed = false;

  get job(): Job | null {
    const { job } = this._job;
    return job && { ...job, state: 'FAILED', attempt: this._attempt };
  }

  dispose(): void {
    // The model belongs to the tabs.
  }
}

interface IStripOptions {
  readonly job: IJobModel;
  readonly attempts: IAttempts;
  readonly trans: TranslationBundle;
  readonly changed: Signal<unknown, void>;
  picked(): number | null;
  pick(attempt: number | null): void;
}

/** Which attempt is shown, and what became of the others. */
class Strip extends ReactWidget {
  constructor(private readonly _options: IStripOptions) {
    super();
    this.addClass('jp-DataChainLog-attempts');
  }

  protected render(): JSX.Element {
    return <StripBody {...this._options} />;
  }
}

function StripBody(options: IStripOptions): JSX.Element | null {
  const { job: model, attempts, trans, changed, picked, pick } = options;
  useSignal(model.changed);
  useSignal(attempts.changed);
  useSignal(changed);
  const { job } = model;
  if (!job || !hasAttempts(job)) {
    return null;
  }
  const shown = picked() ?? job.attempt;
  return (
    <>
      <HTMLSelect
        className="jp-DataChainLog-pick"
        value={String(shown)}
        aria-label={trans.__('Attempt whose log is shown')}
        onChange={event => pick(Number(event.target.value))}
      >
        {numbers(job.attempt).map(number => (
          <option key={number} value={number}>
            {optionWords(
              number,
              attempts.items.find(({ attempt }) => attempt === number),
              trans
            )}
          </option>
        ))}
      </HTMLSelect>
      <Notice {...options} job={job} />
    </>
  );
}

/** Newest first: the one that most look for. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => count - index);
}

/** The number, how it ended, and when. */
function optionWords(
  number: number,
  attempt: Attempt | undefined,
  trans: TranslationBundle
): string {
  if (!attempt) {
    return trans.__('Attempt %1', number);
  }
  const at = attempt.finished_at ?? attempt.started_at ?? attempt.claimed_at;
  return trans.__(
    'Attempt %1: %2, %3',
    number,
    attemptEnd(attempt, trans),
    clock(Date.parse(at))
  );
}

function Notice({
  job,
  attempts,
  trans,
  picked,
  pick
}: Omit<IStripOptions, 'job'> & { job: Job }): JSX.Element {
  const now = useNow(dueIn(job, Date.now()) !== null);
  const due = dueIn(job, now);
  if (picked() !== null) {
    return (
      <>
        <span className="jp-DataChainLog-notice" role="status">
          {trans.__('An earlier attempt.')}
        </span>
        <button className="jp-DataChainLog-latest" onClick={() => pick(null)}>
          {trans.__('Show attempt %1', job.attempt)}
        </button>
      </>
    );
  }
  if (job.state === 'QUEUED') {
    return (
      <span className="jp-DataChainLog-notice">
        <span role="status">{trans.__('Attempt %1 failed.', job.attempt)}</span>{' '}
        {due === null
          ? trans.__('The next one waits for its turn.')
          : trans.__('The next one is due in %1.', span(due / 1000, trans))}
      </span>
    );
  }
  const before = attempts.items.find(
    ({ attempt }) => attempt === job.attempt - 1
  );
  const began = attempts.items.find(({ attempt }) => attempt === job.attempt);
  return (
    <span className="jp-DataChainLog-notice" role="status">
      {[
        began
          ? trans.__(
              'Attempt %1 of %2 began at %3.',
              job.attempt,
              mostAttempts(job),
              clock(Date.parse(began.started_at ?? began.claimed_at))
            )
          : trans.__('Attempt %1 of %2.', job.attempt, mostAttempts(job)),
        before &&
          trans.__('Attempt %1: %2.', before.attempt, attemptEnd(before, trans))
      ]
        .filter(Boolean)
        .join(' ')}
    </span>
  );
}
