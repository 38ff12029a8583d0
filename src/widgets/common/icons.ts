import { LabIcon } from '@jupyterlab/ui-components';

import canceledSvg from '../../../style/icons/state-canceled.svg';
import cancelingSvg from '../../../style/icons/state-canceling.svg';
import completeSvg from '../../../style/icons/state-complete.svg';
import createdSvg from '../../../style/icons/state-created.svg';
import datachainSvg from '../../../style/icons/datachain.svg';
import failedSvg from '../../../style/icons/state-failed.svg';
import initSvg from '../../../style/icons/state-init.svg';
import queuedSvg from '../../../style/icons/state-queued.svg';
import runningSvg from '../../../style/icons/state-running.svg';
import scheduledSvg from '../../../style/icons/state-scheduled.svg';
import type { State } from '../../tokens';

const icon = (name: string, svgstr: string): LabIcon =>
  new LabIcon({ name: `jupyter-datachain-jobs:${name}`, svgstr });

export const datachainIcon = icon('datachain', datachainSvg);

/** Each state has a shape of its own, so that it is told without its colour. */
export const stateIcons: Readonly<Record<State, LabIcon>> = {
  CREATED: icon('created', createdSvg),
  SCHEDULED: icon('scheduled', scheduledSvg),
  QUEUED: icon('queued', queuedSvg),
  INIT: icon('init', initSvg),
  RUNNING: icon('running', runningSvg),
  COMPLETE: icon('complete', completeSvg),
  FAILED: icon('failed', failedSvg),
  CANCELING: icon('canceling', cancelingSvg),
  CANCELED: icon('canceled', canceledSvg)
};
