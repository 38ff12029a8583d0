import type { TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect, ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { attemptOf, mostAttempts } from '../../model/states';
import type { IAttempts, IJobModel, IQueue, Job } from '../../tokens';
import { exitCode } from '../common/ending';
import { duration, moment } from '../common/format';
import { useSignal } from '../common/hooks';
import { hasAttempts, useWaitWords } from '../common/waiting';
import { StopReport } from './stopreport';

/** Pixels of its two lines; the same as in style/jobs.css. */
const LEAST_HEIGHT = 57;

const PRIORITIES = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] as const;

export interface IJobHeadOptions {
  readonly model: IJobModel;
  readonly attempts: IAttempts;
  readonly queue: IQueue;
  readonly trans: TranslationBundle;
  setPriority(job: Job, priority: number): void;
}

/** What is known of a job, how it runs, why it waits, what a stop did. */
export class JobHead extends ReactWidget {
  constructor(private readonly _options: IJobHeadOptions) {
    super();
    this.addClass('jp-DataChainJob-head');
    // The box that it is in gives a widget the height that its style asks for.
    this._observer = new ResizeObserver(() => this._fit());
  }

  dispose(): void {
    this._observer.disconnect();
    super.dispose();
  }

  protected render(): JSX.Element {
    return (
      <div
        className="jp-DataChainJob-headBody"
        ref={node => {
          this._observer.disconnect();
          this._body = node;
          if (node) {
            this._observer.observe(node);
          }
        }}
      >
        <Head {...this._options} />
      </div>
    );
  }

  private _fit(): void {
    const needed = Math.ceil(this._body?.offsetHeight ?? 0) + 1;
    const height = `${Math.max(needed, LEAST_HEIGHT)}px`;
    if (height !== this.node.style.minHeight) {
      this.node.style.minHeight = this.node.style.maxHeight = height;
      this.parent?.fit();
    }
  }

  private _body: HTMLElement | null = null;
  private readonly _observer: ResizeObserver;
}

function Head(options: IJobHeadOptions): JSX.Element {
  const { model, attempts, trans } = options;
  useSignal(model.changed);
  useSignal(attempts.changed);
  const { job, problem } = model;
  if (!job) {
    return (
      <p
        className="jp-DataChainJob-details"
        role={problem ? 'alert' : undefined}
      >
        {problem ? problem.message : trans.__('Reading the job…')}
      </p>
    );
  }
  return (
    <>
      <Facts facts={details(job, trans)} />
      <Facts facts={settings(job, options)}>
        <Waiting {...options} job={job} />
      </Facts>
      {(job.finished_at !== null || job.state === 'QUEUED') && (
        <StopReport attempts={attempts.items} trans={trans} />
      )}
    </>
  );
}

interface IFact {
  readonly name: string;
  readonly value: React.ReactNode;
  readonly title?: string;
}

function Facts({
  facts,
  children
}: {
  facts: readonly IFact[];
  children?: React.ReactNode;
}): JSX.Element {
  return (
    <dl className="jp-DataChainJob-details">
      {facts.map(({ name, value, title }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={title ?? (typeof value === 'string' ? value : undefined)}>
            {value}
          </dd>
        </div>
      ))}
      {children}
    </dl>
  );
}

function details(job: Job, trans: TranslationBundle): IFact[] {
  const facts: IFact[] = [
    { name: trans.__('Script'), value: job.script.path },
    { name: trans.__('Owner'), value: job.owner },
    {
      name: trans.__('Created'),
      value: moment(job.created_at),
      title: job.created_at
    }
  ];
  if (job.finished_at) {
    facts.push({
      name: trans.__('Finished'),
      value: moment(job.finished_at),
      title: job.finished_at
    });
  }
  if (job.exit_code !== null) {
    facts.push({
      name: trans.__('Exit code'),
      value: exitCode(job.exit_code)
    });
  }
  facts.push({ name: trans.__('Job'), value: job.id });
  if (job.resumed_from) {
    facts.push({
      name: trans.__('Resumed from'),
      value: job.resumed_from.slice(0, 8),
      title: job.resumed_from
    });
  }
  return facts;
}

function settings(
  job: Job,
  { trans, setPriority }: IJobHeadOptions
): readonly IFact[] {
  const { workers, priority, timeout, retries } = job.settings;
  const facts: IFact[] = [
    { name: trans.__('Workers'), value: String(workers) },
    {
      name: trans.__('Priority'),
      value:
        job.state === 'QUEUED' ? (
          <HTMLSelect
            className="jp-DataChainJob-priority"
            value={String(priority)}
            aria-label={trans.__('Priority')}
            title={trans.__('Jobs of a higher priority start sooner')}
            onChange={event => setPriority(job, Number(event.target.value))}
          >
            {PRIORITIES.map(each => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </HTMLSelect>
        ) : (
          String(priority)
        )
    },
    {
      name: trans.__('Timeout'),
      value: timeout === null ? trans.__('none') : duration(timeout * 1000)
    },
    {
      name: trans.__('Retries'),
      value: retries.count === 0 ? trans.__('none') : String(retries.count),
      title:
        retries.count === 0
          ? undefined
          : trans.__(
              'The first after %1 s, each further one after twice as long',
              retries.backoff
            )
    }
  ];
  if (hasAttempts(job)) {
    facts.push({
      name: trans.__('Attempt'),
      value: trans.__('%1 of %2', attemptOf(job), mostAttempts(job))
    });
  }
  return facts;
}

/** The sentence, in what room there is. */
function Waiting({
  job,
  queue,
  trans
}: IJobHeadOptions & { job: Job }): JSX.Element | null {
  const words = useWaitWords(queue, job, trans);
  return (
    words && (
      <div className="jp-DataChainJob-why">
        <dt>{trans.__('Waits')}</dt>
        <dd title={words.full}>{words.full}</dd>
      </div>
    )
  );
}
