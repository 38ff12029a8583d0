import type { TranslationBundle } from '@jupyterlab/translation';

import type { JobDatasets } from '../../model/datasets';
import { isFinal } from '../../model/states';
import type { DatasetVersion, IJobModel } from '../../tokens';

/** What stands where no rows are: a sentence and one thing to do. */
export interface IEmptyWords {
  readonly sentence: string;
  readonly action: 'refresh' | 'script' | null;
}

export function emptyWords(
  datasets: JobDatasets,
  job: IJobModel,
  trans: TranslationBundle
): IEmptyWords | null {
  if (datasets.open) {
    return datasets.open.pages.rowCount > 0
      ? null
      : { sentence: trans.__('This version has no rows.'), action: null };
  }
  if (datasets.problem) {
    return { sentence: say(datasets.problem), action: 'refresh' };
  }
  if (datasets.phase === 'loading' || !job.job) {
    return { sentence: trans.__('Reading the datasets…'), action: null };
  }
  const { state } = job.job;
  const saving = datasets.items.length > 0;
  if (!isFinal(state)) {
    return {
      sentence: saving
        ? trans.__(
            'A dataset is being saved: its rows appear here when it is complete.'
          )
        : trans.__('Datasets appear here as soon as the script saves them.'),
      action: 'refresh'
    };
  }
  return saving
    ? {
        sentence: trans.__('No dataset of this run was completed.'),
        action: 'refresh'
      }
    : {
        sentence: trans.__(
          'The script saved no dataset: end a chain with .save("name") to see its rows here.'
        ),
        action: 'script'
      };
}

/** A refusal as the server says it, with its advice. */
export function say(problem: Error): string {
  const hint = (problem as { hint?: string }).hint;
  return hint ? `${problem.message} ${hint}` : problem.message;
}

/** One version in the picker. */
export function versionLabel(
  item: DatasetVersion,
  trans: TranslationBundle
): string {
  const name = item.full_name.replace(/^local\.local\./, '');
  const label = `${name}@${item.version}`;
  if (item.status !== 'COMPLETE') {
    return trans.__('%1 (%2)', label, item.status.toLowerCase());
  }
  return item.created_by_job ? label : trans.__('%1 (reused)', label);
}

/** "270,345 rows · 9 columns" */
export function sizeWords(
  rows: number,
  columns: number,
  trans: TranslationBundle
): string {
  const count = (text: string, value: number): string =>
    text.replace(String(value), value.toLocaleString());
  return [
    count(trans._n('%1 row', '%1 rows', rows), rows),
    count(trans._n('%1 column', '%1 columns', columns), columns)
  ].join(' · ');
}
