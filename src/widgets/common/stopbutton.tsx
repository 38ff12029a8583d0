import { stopIcon, ToolbarButtonComponent } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { canStop } from '../../model/states';
import type { Job } from '../../tokens';

export interface IStopWords {
  readonly label: string;
  readonly tooltip: string;
}

/** What a press of Stop does to a job in its state. */
export function stopWords(
  job: Job | null,
  trans: TranslationBundle
): IStopWords {
  return job?.state === 'CANCELING'
    ? {
        label: trans.__('Stop now'),
        tooltip: trans.__(
          'Kill it at once, without waiting for it to end by itself'
        )
      }
    : {
        label: trans.__('Stop'),
        tooltip:
          job?.state === 'QUEUED'
            ? trans.__('Take the job out of the queue')
            : trans.__('Stop the job')
      };
}

export interface IStopButtonProps {
  readonly job: Job | null;
  readonly trans: TranslationBundle;
  readonly className?: string;
  onStop(): void;
}

export function StopButton({
  job,
  trans,
  className,
  onStop
}: IStopButtonProps): JSX.Element {
  return (
    <ToolbarButtonComponent
      className={className}
      icon={stopIcon}
      {...stopWords(job, trans)}
      enabled={job !== null && canStop(job)}
      onClick={onStop}
    />
  );
}
