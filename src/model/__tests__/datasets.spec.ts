import { Signal } from '@lumino/signaling';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type {
  DatasetDetail,
  DatasetVersion,
  IJobModel,
  IJobsClient,
  RowPage,
  State
} from '../../tokens';
import { copyText, MOST_COPIED } from '../datasetcopy';
import { JobDatasets } from '../datasets';

class FakeJob {
  readonly id = 'job';
  readonly problem = null;
  readonly changed = new Signal<IJobModel, void>(this as unknown as IJobModel);
  job = { state: 'RUNNING' as State };

  become(state: State): void {
    this.job = { state };
    this.changed.emit();
  }
}

function version(uuid: string, status = 'COMPLETE', rows = 10): DatasetVersion {
  return {
    uuid,
    name: uuid,
    status,
    num_rows: status === 'COMPLETE' ? rows : null
  } as DatasetVersion;
}

const COLUMNS = ['sys__id', 'file__path', 'file__size'].map(name => ({
  name,
  path: name.split('__'),
  type: 'str',
  hidden: name.startsWith('sys')
}));

class FakeClient {
  items: DatasetVersion[] = [];
  asked = 0;
  problem: Error | null = null;

  async datasets(): Promise<DatasetVersion[]> {
    this.asked++;
    if (this.problem) {
      throw this.problem;
    }
    return this.items;
  }

  async dataset(uuid: string): Promise<DatasetDetail> {
    const found = this.items.find(item => item.uuid === uuid);
    if (!found) {
      throw new Error('gone');
    }
    return { ...found, columns: COLUMNS } as DatasetDetail;
  }
}

function open(): { job: FakeJob; client: FakeClient; datasets: JobDatasets } {
  const job = new FakeJob();
  const client = new FakeClient();
  const datasets = new JobDatasets(
    job as unknown as IJobModel,
    client as unknown as IJobsClient
  );
  return { job, client, datasets };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms = 10): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('datasets of a job', () => {
  it('appear while it runs, the newest complete one open', async () => {
    const { client, datasets } = open();
    datasets.start();
    await pass();
    expect(datasets.phase).toBe('ready');
    expect(datasets.open).toBeNull();
    client.items = [version('a'), version('b', 'CREATED')];
    await pass(4000);
    expect(datasets.open?.detail.uuid).toBe('a');
    client.items = [version('a'), version('b')];
    await pass(4000);
    expect(datasets.open?.detail.uuid).toBe('b');
  });

  it('show the columns that are meant for eyes, and where they are', async () => {
    const { client, datasets } = open();
    client.items = [version('a')];
    datasets.start();
    await pass();
    expect(
      datasets.open?.columns.map(({ name, index }) => [name, index])
    ).toEqual([
      ['file__path', 1],
      ['file__size', 2]
    ]);
  });

  it('stay with what the user chose', async () => {
    const { client, datasets } = open();
    client.items = [version('a'), version('b')];
    datasets.start();
    await pass();
    datasets.select('a');
    await pass();
    client.items = [...client.items, version('c')];
    await pass(4000);
    expect(datasets.open?.detail.uuid).toBe('a');
  });

  it('keep the open rows when nothing changed', async () => {
    const { client, datasets } = open();
    client.items = [version('a')];
    datasets.start();
    await pass();
    const first = datasets.open;
    await pass(20_000);
    expect(client.asked).toBeGreaterThan(4);
    expect(datasets.open).toBe(first);
  });

  it('are read once more at the end, then no more', async () => {
    const { job, client, datasets } = open();
    datasets.start();
    await pass();
    client.items = [version('a')];
    job.become('COMPLETE');
    await pass();
    expect(datasets.open?.detail.uuid).toBe('a');
    const { asked } = client;
    await pass(60_000);
    expect(client.asked).toBe(asked);
  });

  it('that are being completed at the end are waited for a little', async () => {
    const { job, client, datasets } = open();
    client.items = [version('a', 'CREATED')];
    datasets.start();
    await pass();
    job.become('COMPLETE');
    await pass();
    client.items = [version('a')];
    await pass(2000);
    expect(datasets.open?.detail.uuid).toBe('a');
  });

  it('are not asked for while no one looks', async () => {
    const { client, datasets } = open();
    datasets.start();
    await pass();
    datasets.stop();
    const { asked } = client;
    await pass(60_000);
    expect(client.asked).toBe(asked);
  });

  it('say why they cannot be read, and come back', async () => {
    const { client, datasets } = open();
    client.problem = new Error('locked');
    datasets.start();
    await pass();
    expect(datasets.phase).toBe('failed');
    expect(datasets.problem?.message).toBe('locked');
    client.problem = null;
    client.items = [version('a')];
    await pass(4000);
    expect(datasets.problem).toBeNull();
    expect(datasets.open?.detail.uuid).toBe('a');
  });
});

describe('copying', () => {
  const columns = COLUMNS.map((column, index) => ({ ...column, index }));
  const client = {
    asked: [] as number[],
    rows: async (
      _: string,
      { offset, limit }: { offset: number; limit: number }
    ): Promise<RowPage> => {
      client.asked.push(limit);
      return {
        rows: Array.from({ length: limit }, (_unused, at) => [
          offset + at,
          at === 0 ? 'two\tfields' : null,
          { a: [1, 'x'] }
        ]),
        truncated: offset === 0 ? [[0, 1, 99]] : []
      } as unknown as RowPage;
    }
  };
  const copy = (
    firstRow: number,
    lastRow: number,
    of = columns
  ): ReturnType<typeof copyText> =>
    copyText(client as unknown as IJobsClient, 'uuid', {
      firstRow,
      lastRow,
      columns: of
    });

  it('gives a table that a spreadsheet reads', async () => {
    const { text, rows, cut } = await copy(0, 1);
    expect(text).toBe(
      'sys.id\tfile.path\tfile.size\n' +
        '0\t"two\tfields"\t"{""a"":[1,""x""]}"\n' +
        '1\t\t"{""a"":[1,""x""]}"'
    );
    expect([rows, cut]).toEqual([2, 1]);
  });

  it('gives a single cell as it is', async () => {
    expect((await copy(7, 7, [columns[0]])).text).toBe('7');
  });

  it('has a limit, and asks for no more than it', async () => {
    client.asked.length = 0;
    const { text, rows } = await copy(0, 4_999_999, [columns[0]]);
    expect(rows).toBe(MOST_COPIED);
    expect(text.split('\n')).toHaveLength(MOST_COPIED + 1);
    expect(client.asked).toEqual(Array(10).fill(1000));
  });
});
