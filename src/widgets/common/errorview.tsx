import { Clipboard } from '@jupyterlab/apputils';
import { Button, ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useRef, useState } from 'react';

import { dueIn, mostAttempts, waitsForRetry } from '../../model/states';
import type {
  IAttempts,
  IJobModel,
  IQueue,
  ISourcePosition,
  Job,
  JobError,
  UserFrame
} from '../../tokens';
import { exitCode } from './ending';
import { stateIcons } from './icons';
import { useNow, useSignal } from './hooks';
import { span, useWaitWords } from './waiting';

/** How long a button says that it has copied. */
const COPIED_MS = 2000;

export interface IErrorViewOptions {
  readonly job: IJobModel;
  /** Belongs to the view. */
  readonly attempts: IAttempts;
  readonly queue: IQueue;
  readonly trans: TranslationBundle;
  goTo(at: ISourcePosition): void;
  runAgain(job: Job): void;
}

/** Why a job failed: the user's own line first, the whole traceback on demand. */
export class ErrorView extends ReactWidget {
  constructor(private readonly _options: IErrorViewOptions) {
    super();
    this.addClass('jp-DataChainError');
    this.node.tabIndex = -1;
  }

  dispose(): void {
    this._options.attempts.dispose();
    super.dispose();
  }

  protected render(): JSX.Element {
    return <Body {...this._options} />;
  }
}

function Body({
  job: model,
  attempts,
  queue,
  trans,
  goTo,
  runAgain
}: IErrorViewOptions): JSX.Element | null {
  useSignal(model.changed);
  useSignal(attempts.changed);
  const [full, setFull] = useState(false);
  const [copied, setCopied] = useState(false);
  const traceback = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (full) {
      traceback.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [full]);
  useEffect(() => {
    if (!copied) {
      return;
    }
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const job = model.job;
  const error = job && errorOf(job, attempts);
  if (!error) {
    return null;
  }
  const { frame } = error;
  return (
    <div className="jp-DataChainError-body">
      {waitsForRetry(job) && <Next job={job} queue={queue} trans={trans} />}
      <Headline error={error} />
      {frame && <FrameCode frame={frame} trans={trans} />}
      {error.hint && <p className="jp-DataChainError-hint">{error.hint}</p>}
      <div className="jp-DataChainError-actions">
        {frame && !frame.path.startsWith('/') && (
          <Button
            className="jp-mod-styled jp-mod-accept"
            title={trans.__('Show %1, line %2', frame.path, frame.line)}
            onClick={() => goTo({ path: frame.path, line: frame.line })}
          >
            {trans.__('Go to line')}
          </Button>
        )}
        {error.traceback && (
          <Button
            className="jp-mod-styled jp-mod-reject"
            aria-expanded={full}
            onClick={() => setFull(!full)}
          >
            {full ? trans.__('Hide traceback') : trans.__('Full traceback')}
          </Button>
        )}
        <Button
          className="jp-mod-styled jp-mod-reject"
          title={trans.__('Copy the error for a message or an issue')}
          onClick={() => {
            Clipboard.copyToSystem(report(job, error));
            setCopied(true);
          }}
        >
          <span aria-live="polite">
            {copied ? trans.__('Copied') : trans.__('Copy report')}
          </span>
        </Button>
        <Button
          className="jp-mod-styled jp-mod-reject"
          title={trans.__('Run the same script with the same settings')}
          onClick={() => runAgain(job)}
        >
          {trans.__('Run again')}
        </Button>
      </div>
      {full && error.traceback && (
        <pre
          className="jp-DataChainError-traceback"
          ref={traceback}
          tabIndex={0}
        >
          {error.traceback}
        </pre>
      )}
    </div>
  );
}

/** Of a job that waits for another attempt: why the last one failed. */
function errorOf(job: Job, { items }: IAttempts): JobError | null {
  return (
    job.error ??
    items.find(({ attempt }) => attempt === job.attempt)?.error ??
    null
  );
}

interface INextProps {
  readonly job: Job;
  readonly queue: IQueue;
  readonly trans: TranslationBundle;
}

/** What is not the end: another attempt follows. */
function Next({ job, queue, trans }: INextProps): JSX.Element {
  const waits = useWaitWords(queue, job, trans);
  const now = useNow(dueIn(job, Date.now()) !== null);
  const due = dueIn(job, now);
  const Icon = stateIcons.QUEUED;
  return (
    <p className="jp-DataChainError-next" title={waits?.full}>
      <Icon.react tag="span" className="jp-DataChain-stateIcon" />
      {trans.__(
        'Attempt %1 of %2 failed:',
        job.attempt,
        mostAttempts(job)
      )}{' '}
      {due === null
        ? trans.__('the next one waits for its turn.')
        : trans.__('next attempt in %1.', span(due / 1000, trans))}
    </p>
  );
}

function Headline({ error }: { error: JobError }): JSX.Element {
  const Icon = stateIcons.FAILED;
  const message = messageOf(error);
  return (
    <p className="jp-DataChainError-headline">
      <Icon.react tag="span" className="jp-DataChain-stateIcon" />
      <span className="jp-DataChainError-message" title={error.message}>
        {error.exception && (
          <strong className="jp-DataChainError-exception">
            {error.exception}
          </strong>
        )}
        {error.exception && message ? ': ' : ''}
        {message}
      </span>
    </p>
  );
}

/** Without the exception's name, with which the message may begin as Python prints it. */
function messageOf(error: JobError): string {
  const name = `${error.exception}: `;
  return error.message.startsWith(name)
    ? error.message.slice(name.length)
    : error.message;
}

interface IFrameProps {
  readonly frame: UserFrame;
  readonly trans: TranslationBundle;
}

function FrameCode({ frame, trans }: IFrameProps): JSX.Element {
  const lines = withoutBlankEnds(
    frame.context.length
      ? frame.context
      : [{ line: frame.line, text: frame.text }]
  );
  return (
    <figure className="jp-DataChainError-frame">
      <figcaption>
        {frame.function && frame.function !== '<module>'
          ? trans.__(
              '%1, line %2, in %3',
              frame.path,
              frame.line,
              frame.function
            )
          : trans.__('%1, line %2', frame.path, frame.line)}
      </figcaption>
      <pre>
        {lines.map(({ line, text }) => (
          <code
            key={line}
            className={line === frame.line ? 'jp-mod-marked' : undefined}
            aria-current={line === frame.line ? 'true' : undefined}
          >
            <span className="jp-DataChainError-number">{line}</span>
            {text}
            {'\n'}
          </code>
        ))}
      </pre>
    </figure>
  );
}

function withoutBlankEnds(lines: UserFrame['context']): UserFrame['context'] {
  const filled = lines.map(({ text }) => text.trim() !== '');
  return lines.slice(
    Math.max(filled.indexOf(true), 0),
    filled.lastIndexOf(true) + 1
  );
}

/** What a colleague, or whoever reads an issue, needs to see. */
function report(job: Job, error: JobError): string {
  const message = messageOf(error);
  return [
    `${job.name}: ${job.state}, exit code ${job.exit_code === null ? '-' : exitCode(job.exit_code)}`,
    `${error.exception ?? error.code}: ${message}`,
    // What to do beside the marked line means nothing away from it.
    error.exception ? null : error.hint,
    error.traceback,
    `Job ${job.id}, started ${job.started_at ?? '-'}`
  ]
    .filter(Boolean)
    .join('\n');
}
