import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IDeleteOptions, IJobsClient, Job } from '../../tokens';

/**
 * Says what goes with the job and asks whether its datasets go too; null when
 * the job stays.
 */
export async function askToDelete(
  job: Job,
  client: IJobsClient,
  trans: TranslationBundle
): Promise<IDeleteOptions | null> {
  const made = await countMade(job, client);
  const answer = await showDialog({
    title: trans.__('Delete this job?'),
    body: made
      ? trans.__(
          '%1, its log and its copy of the script are deleted. What it saved stays unless you choose otherwise.',
          job.name
        )
      : trans.__(
          '%1, its log and its copy of the script are deleted.',
          job.name
        ),
    checkbox: made
      ? {
          label: trans._n(
            'Also delete the dataset version that it made',
            'Also delete the %1 dataset versions that it made',
            made
          ),
          caption: trans.__(
            'Other datasets that were made from them stay, but no longer know all of their sources. This cannot be undone.'
          )
        }
      : null,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Delete') })
    ]
  });
  return answer.button.accept ? { datasets: answer.isChecked === true } : null;
}

/** 0 also where nobody can say: then there is nothing to offer. */
async function countMade(job: Job, client: IJobsClient): Promise<number> {
  try {
    const found = await client.datasets(job.id);
    return found.filter(version => version.created_by_job).length;
  } catch {
    return 0;
  }
}
