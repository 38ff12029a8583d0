import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import {
  Button,
  HTMLSelect,
  ReactWidget,
  SidePanel
} from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import { Panel } from '@lumino/widgets';
import React, { useEffect, useState } from 'react';

import type { IJobList, IJobs, State } from '../../tokens';
import { useSignal } from '../common/hooks';
import { datachainIcon } from '../common/icons';
import { ServerNotices } from './notices';
import { JobRows, type IFocusWish, type IRowActions } from './rows';

const STATES: readonly State[] = [
  'QUEUED',
  'INIT',
  'RUNNING',
  'COMPLETE',
  'FAILED',
  'CANCELING',
  'CANCELED'
];
/** A filter is sent when the typing pauses. */
const TYPING_MS = 200;
/** The click that shows the panel may leave the focus nowhere for a moment. */
const SETTLING_MS = 500;

export interface ISidebarOptions {
  readonly jobs: IJobs;
  readonly list: IJobList;
  readonly translator: ITranslator;
  readonly actions: IRowActions;
  newScript(): void;
}

/** All jobs, live, newest first. */
export class JobsSidebar extends SidePanel {
  constructor(options: ISidebarOptions) {
    super({ content: new Panel(), translator: options.translator });
    const trans = options.translator.load('jupyter_datachain_jobs');
    this.id = 'jp-DataChainJobs';
    this.addClass('jp-DataChainJobs');
    this.title.icon = datachainIcon;
    this.title.caption = trans.__('DataChain jobs');
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('DataChain jobs'));
    const body = ReactWidget.create(
      <Body {...options} trans={trans} wish={this._wish} />
    );
    body.addClass('jp-DataChainJobs-body');
    this.addWidget(body);
    // Who goes elsewhere, be it to the filter, waits for no row.
    this.node.addEventListener('focusout', event => {
      if (event.relatedTarget || !this._isSettling) {
        this._askedAt = null;
      }
    });
    body.disposed.connect(() => options.list.dispose());
  }

  protected onActivateRequest(): void {
    // Until there is a row to go to.
    this.node.focus();
    this._askedAt = performance.now();
    this._focusAsked.emit();
  }

  private get _isSettling(): boolean {
    return (
      this._askedAt !== null && performance.now() - this._askedAt < SETTLING_MS
    );
  }

  private _takeWish(): boolean {
    const { activeElement, body } = document;
    const waits =
      this._askedAt !== null &&
      (activeElement === this.node ||
        (activeElement === body && this._isSettling));
    this._askedAt = null;
    return waits;
  }

  /** When the focus was asked for, until a row has it or it went elsewhere. */
  private _askedAt: number | null = null;
  private readonly _focusAsked = new Signal<this, void>(this);
  private readonly _wish: IFocusWish = {
    take: () => this._takeWish(),
    made: this._focusAsked
  };
}

interface IBodyProps extends ISidebarOptions {
  readonly trans: TranslationBundle;
  readonly wish: IFocusWish;
}

function Body(props: IBodyProps): JSX.Element {
  const { jobs, list, trans, wish, actions } = props;
  useSignal(list.changed);
  useSignal(jobs.stream.stateChanged);
  useSignal(jobs.statusChanged);
  const problem = list.problem ?? jobs.problem;
  return (
    <>
      <Filters list={list} trans={trans} />
      <ServerNotices notices={jobs.status?.notices ?? []} trans={trans} />
      {problem ? (
        <Notice
          text={problem.message}
          action={trans.__('Try again')}
          onAction={() => void list.reload()}
        />
      ) : list.items.length === 0 && list.phase === 'ready' ? (
        <Nothing {...props} />
      ) : (
        <JobRows
          list={list}
          queue={jobs.queue}
          trans={trans}
          actions={actions}
          wish={wish}
        />
      )}
      {jobs.stream.state === 'reconnecting' && (
        <p className="jp-DataChain-notice" role="status">
          {trans.__('No live connection. Trying again…')}
        </p>
      )}
    </>
  );
}

function Nothing({ list, trans, newScript }: IBodyProps): JSX.Element {
  const filtered = list.filter.q || list.filter.states.length;
  return filtered ? (
    <Notice
      text={trans.__('No job matches this filter.')}
      action={trans.__('Clear filter')}
      onAction={() => list.setFilter({ q: '', states: [] })}
    />
  ) : (
    <Notice
      text={trans.__('Run a DataChain script to see its job here.')}
      action={trans.__('New DataChain script')}
      onAction={newScript}
    />
  );
}

interface INoticeProps {
  readonly text: string;
  readonly action: string;
  onAction(): void;
}

function Notice({ text, action, onAction }: INoticeProps): JSX.Element {
  return (
    <div className="jp-DataChain-empty">
      <p>{text}</p>
      <Button className="jp-mod-styled jp-mod-accept" onClick={onAction}>
        {action}
      </Button>
    </div>
  );
}

interface IFiltersProps {
  readonly list: IJobList;
  readonly trans: TranslationBundle;
}

function Filters({ list, trans }: IFiltersProps): JSX.Element {
  const [q, setQ] = useState(list.filter.q);
  useEffect(() => {
    if (q === list.filter.q) {
      return;
    }
    const timer = setTimeout(
      () => list.setFilter({ ...list.filter, q }),
      TYPING_MS
    );
    return () => clearTimeout(timer);
  }, [q, list]);
  // "Clear filter" changes it from elsewhere.
  useEffect(() => setQ(list.filter.q), [list.filter]);
  return (
    <div className="jp-DataChainJobs-filters">
      <input
        type="search"
        className="jp-DataChainJobs-search"
        value={q}
        placeholder={trans.__('Filter jobs')}
        aria-label={trans.__('Filter jobs by name or path')}
        onChange={event => setQ(event.target.value)}
      />
      <HTMLSelect
        className="jp-DataChainJobs-states"
        value={list.filter.states[0] ?? ''}
        aria-label={trans.__('Filter jobs by state')}
        onChange={event =>
          list.setFilter({
            q,
            states: event.target.value ? [event.target.value as State] : []
          })
        }
      >
        <option value="">{trans.__('Any state')}</option>
        {STATES.map(state => (
          <option key={state} value={state}>
            {state}
          </option>
        ))}
      </HTMLSelect>
    </div>
  );
}
