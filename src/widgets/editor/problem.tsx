import {
  Button,
  closeIcon,
  ReactWidget,
  ToolbarButtonComponent
} from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { ApiError, placeOf } from '../../api/errors';
import type { ScriptSession } from '../../model/session';
import { useSignal } from '../common/hooks';
import { stateIcons } from '../common/icons';

export interface IProblemOptions {
  readonly session: ScriptSession;
  readonly trans: TranslationBundle;
  goTo(line: number, column: number | null): void;
}

/** Why a script was not accepted, above the tabs, with the way to mend it. */
export class ProblemBar extends ReactWidget {
  constructor(private readonly _options: IProblemOptions) {
    super();
    this.addClass('jp-DataChainProblem');
  }

  protected render(): JSX.Element {
    return <Body {...this._options} />;
  }
}

function Body({ session, trans, goTo }: IProblemOptions): JSX.Element | null {
  useSignal(session.changed);
  const problem = session.problem;
  if (!problem) {
    return null;
  }
  const place = placeOf(problem);
  const hint = problem instanceof ApiError ? problem.hint : '';
  const Icon = stateIcons.FAILED;
  return (
    <div className="jp-DataChainProblem-body" role="alert">
      <Icon.react tag="span" className="jp-DataChain-stateIcon" />
      <div className="jp-DataChainProblem-text">
        <span className="jp-DataChainProblem-message">{problem.message}</span>
        {place?.text && <code>{place.text.trimEnd()}</code>}
        {hint && <span className="jp-DataChainProblem-hint">{hint}</span>}
      </div>
      {place && (
        <Button
          className="jp-mod-styled jp-mod-accept"
          title={trans.__('Show line %1', place.line)}
          onClick={() => goTo(place.line, place.column)}
        >
          {trans.__('Go to line')}
        </Button>
      )}
      <ToolbarButtonComponent
        icon={closeIcon}
        tooltip={trans.__('Dismiss')}
        onClick={() => session.refuse(null)}
      />
    </div>
  );
}
