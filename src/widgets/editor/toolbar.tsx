import {
  caretDownIcon,
  caretUpIcon,
  fastForwardIcon,
  ReactWidget,
  runIcon,
  ToolbarButtonComponent
} from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';
import React from 'react';

import type { ScriptSession } from '../../model/session';
import { useSignal } from '../common/hooks';
import { Summary } from '../common/state';
import { StopButton } from '../common/stopbutton';

export interface IToolbarOptions {
  readonly session: ScriptSession;
  readonly trans: TranslationBundle;
  /** The keys of the run command as this platform writes them. */
  readonly shortcut: string;
  run(): void;
  resume(): void;
}

export function resumeButton(options: IToolbarOptions): Widget {
  return item(<Resume {...options} />);
}

export function runButton(options: IToolbarOptions): Widget {
  return item(<Run {...options} />);
}

export function stopButton(options: IToolbarOptions): Widget {
  return item(<Stop {...options} />);
}

export function stateChip(options: IToolbarOptions): Widget {
  const chip = item(<State {...options} />);
  chip.addClass('jp-DataChainEditor-chip');
  return chip;
}

function item(element: JSX.Element): Widget {
  const widget = ReactWidget.create(element);
  widget.addClass('jp-DataChainEditor-tool');
  return widget;
}

function Run({ session, trans, shortcut, run }: IToolbarOptions): JSX.Element {
  useSignal(session.changed);
  return (
    <ToolbarButtonComponent
      className="jp-DataChainEditor-run"
      icon={runIcon}
      label={trans.__('Run')}
      tooltip={
        shortcut
          ? trans.__('Run this script as a job (%1)', shortcut)
          : trans.__('Run this script as a job')
      }
      enabled={!session.submitting}
      onClick={run}
    />
  );
}

function Resume({ session, trans, resume }: IToolbarOptions): JSX.Element {
  useSignal(session.changed);
  return (
    <ToolbarButtonComponent
      className="jp-DataChainEditor-resume"
      icon={fastForwardIcon}
      label={trans.__('Resume')}
      tooltip={trans.__(
        'Run this script from the checkpoints of its newest run: what that one saved is not computed again'
      )}
      enabled={!session.submitting && session.resumable !== null}
      onClick={resume}
    />
  );
}

function Stop({ session, trans }: IToolbarOptions): JSX.Element {
  useSignal(session.changed);
  return (
    <StopButton
      className="jp-DataChainEditor-stop"
      job={session.job}
      trans={trans}
      onStop={() => void session.stop()}
    />
  );
}

function State({ session, trans }: IToolbarOptions): JSX.Element {
  useSignal(session.changed);
  return <Summary job={session.job} queue={session.queue} trans={trans} />;
}

export interface IToggleOptions {
  readonly trans: TranslationBundle;
  readonly changed: ISignal<unknown, boolean>;
  isOpen(): boolean;
  toggle(): void;
}

export function panelToggle(options: IToggleOptions): Widget {
  const widget = item(<Toggle {...options} />);
  widget.addClass('jp-DataChainPanel-toggle');
  return widget;
}

function Toggle({
  trans,
  changed,
  isOpen,
  toggle
}: IToggleOptions): JSX.Element {
  useSignal(changed);
  const open = isOpen();
  return (
    <ToolbarButtonComponent
      icon={open ? caretDownIcon : caretUpIcon}
      tooltip={open ? trans.__('Close the panel') : trans.__('Open the panel')}
      aria-expanded={open}
      onClick={toggle}
    />
  );
}
