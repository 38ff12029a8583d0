import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Attempt, CancelReport } from '../../tokens';
import { clock } from '../common/format';
import { stateIcons } from '../common/icons';

export interface IStopReportProps {
  readonly attempts: readonly Attempt[];
  readonly trans: TranslationBundle;
}

/** What the newest stop did to the processes of a job; nothing without one. */
export function StopReport({
  attempts,
  trans
}: IStopReportProps): JSX.Element | null {
  const stopped = [...attempts].reverse().find(({ cancel }) => cancel);
  if (!stopped?.cancel) {
    return null;
  }
  const report = stopped.cancel;
  const Icon = stateIcons.CANCELED;
  return (
    <ul
      className="jp-DataChainJob-stop"
      aria-label={trans.__('What the stop did')}
    >
      <li>
        <Icon.react tag="span" className="jp-DataChain-stateIcon" />
        {headline(stopped, report, attempts.length, trans)}
      </li>
      {report.signals.map(({ signal, at, pids }, index) => (
        <li key={index} title={pidsTitle(pids, trans)}>
          {trans.__(
            '%1 at %2 to %3',
            signal,
            time(at),
            processes(pids.length, trans)
          )}
        </li>
      ))}
      {outcomes(report, trans).map(({ text, pids }) => (
        <li key={text} title={pidsTitle(pids, trans)}>
          {text}
        </li>
      ))}
      {report.survivors.length > 0 && (
        <li className="jp-mod-warning">
          {trans.__(
            '%1 could not be ended: pid %2',
            processes(report.survivors.length, trans),
            report.survivors.join(', ')
          )}
        </li>
      )}
    </ul>
  );
}

/** Who asked for it: the user or the clock. */
function headline(
  { attempt, error }: Attempt,
  { requested_at }: CancelReport,
  count: number,
  trans: TranslationBundle
): string {
  const at = time(requested_at);
  if (error?.code === 'timeout') {
    return count > 1
      ? trans.__('Attempt %1 timed out at %2', attempt, at)
      : trans.__('Timed out at %1', at);
  }
  return count > 1
    ? trans.__('Stop of attempt %1 at %2', attempt, at)
    : trans.__('Stop at %1', at);
}

function outcomes(
  { ended, killed }: CancelReport,
  trans: TranslationBundle
): { text: string; pids: readonly number[] }[] {
  return [
    {
      text: trans._n(
        '%1 ended by itself',
        '%1 ended by themselves',
        ended.length
      ),
      pids: ended
    },
    {
      text: trans._n('%1 was killed', '%1 were killed', killed.length),
      pids: killed
    }
  ].filter(({ pids }) => pids.length > 0);
}

function processes(count: number, trans: TranslationBundle): string {
  return trans._n('%1 process', '%1 processes', count);
}

function pidsTitle(pids: readonly number[], trans: TranslationBundle): string {
  return trans.__('Process ids: %1', pids.join(', '));
}

/** Of microseconds since 1970. */
function time(micros: number): string {
  return clock(micros / 1000);
}
