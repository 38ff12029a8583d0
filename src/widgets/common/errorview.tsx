import { Clipboard } from '@jupyterlab/apputils';
import { Button, ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import type {
  IJobModel,
  ISourcePosition,
  Job,
  JobError,
  UserFrame
} from '../../tokens';
import { stateIcons } from './icons';
import { useSignal } from './hooks';

export interface IErrorViewOptions {
  readonly job: IJobModel;
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

  protected render(): JSX.Element {
    return <Body {...this._options} />;
  }
}

function Body({
  job: model,
  trans,
  goTo,
  runAgain
}: IErrorViewOptions): JSX.Element | null {
  useSignal(model.changed);
  const [full, setFull] = useState(false);
  const job = model.job;
  if (!job?.error) {
    return null;
  }
  const { error } = job;
  const { frame, traceback } = error;
  return (
    <div className="jp-DataChainError-body">
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
        {traceback && (
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
          onClick={() => Clipboard.copyToSystem(report(job))}
        >
          {trans.__('Copy report')}
        </Button>
        <Button
          className="jp-mod-styled jp-mod-reject"
          title={trans.__('Run the same script with the same settings')}
          onClick={() => runAgain(job)}
        >
          {trans.__('Run again')}
        </Button>
      </div>
      {full && traceback && (
        <pre className="jp-DataChainError-traceback" tabIndex={0}>
          {traceback}
        </pre>
      )}
    </div>
  );
}

function Headline({ error }: { error: JobError }): JSX.Element {
  const Icon = stateIcons.FAILED;
  // The message of an exception may begin with its name, as Python prints it.
  const name = `${error.exception}: `;
  const message = error.message.startsWith(name)
    ? error.message.slice(name.length)
    : error.message;
  return (
    <p className="jp-DataChainError-headline">
      <Icon.react tag="span" className="jp-DataChain-stateIcon" />
      <span>
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

function report(job: Job): string {
  const error = job.error;
  return [
    `${job.name}: ${job.state}, exit code ${job.exit_code ?? '-'}`,
    `${error?.exception ?? error?.code}: ${error?.message}`,
    error?.hint,
    error?.traceback,
    `Job ${job.id}, started ${job.started_at ?? '-'}`
  ]
    .filter(Boolean)
    .join('\n');
}
