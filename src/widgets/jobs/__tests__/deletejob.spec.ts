import { nullTranslator } from '@jupyterlab/translation';
import { afterEach, describe, expect, it } from 'vitest';

import type { DatasetVersion, IJobsClient, Job } from '../../../tokens';
import { askToDelete } from '../deletejob';

const trans = nullTranslator.load('');
const job = { id: 'a', name: 'clean.py' } as Job;

function knowing(made: boolean[] | null): IJobsClient {
  return {
    datasets: async () => {
      if (!made) {
        throw new Error('datachain_busy');
      }
      return made.map(by => ({ created_by_job: by }) as DatasetVersion);
    }
  } as unknown as IJobsClient;
}

async function dialog(): Promise<HTMLElement> {
  for (let turn = 0; turn < 100; turn++) {
    const found = document.querySelector<HTMLElement>('.jp-Dialog');
    if (found?.querySelector('button.jp-mod-warn')) {
      return found;
    }
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error('there is no dialog');
}

const checkbox = (shown: HTMLElement): HTMLInputElement | null =>
  shown.querySelector('input[type=checkbox]');

const press = (shown: HTMLElement, which: string): void =>
  shown.querySelector<HTMLElement>(which)?.click();

describe('the question before a job is deleted', () => {
  afterEach(() => {
    document.body.textContent = '';
  });

  it('says what goes, and leaves the datasets unless asked', async () => {
    const asked = askToDelete(job, knowing([true, true, false]), trans);
    const shown = await dialog();
    expect(shown.textContent).toContain('its log and its copy of the script');
    expect(shown.textContent).toContain('2 dataset versions');
    expect(checkbox(shown)?.checked).toBe(false);
    press(shown, 'button.jp-mod-warn');
    expect(await asked).toEqual({ datasets: false });
  });

  it('takes the datasets along when the box is ticked', async () => {
    const asked = askToDelete(job, knowing([true]), trans);
    const shown = await dialog();
    expect(shown.textContent).toContain('the dataset version that it made');
    checkbox(shown)?.click();
    press(shown, 'button.jp-mod-warn');
    expect(await asked).toEqual({ datasets: true });
  });

  it.each([
    ['it made none', [false]],
    ['nobody can say', null]
  ])('offers no datasets where %s', async (_, made) => {
    const asked = askToDelete(job, knowing(made), trans);
    const shown = await dialog();
    expect(checkbox(shown)).toBeNull();
    press(shown, 'button.jp-mod-reject');
    expect(await asked).toBeNull();
  });
});
