import { expect, it } from 'vitest';

import type { IJobsClient } from '../../tokens';
import { copyText } from '../datasetcopy';
import type { IShownColumn } from '../datasets';

it('copies values as the grid shows them', async () => {
  const rows = [[true, false, -0, 1.5, null, 'a\tb']];
  const client = {
    rows: async () => ({ rows, truncated: [] })
  } as unknown as IJobsClient;
  const columns = rows[0].map(
    (_, index) => ({ index, path: [`c${index}`] }) as unknown as IShownColumn
  );
  const { text } = await copyText(client, 'u', {
    firstRow: 0,
    lastRow: 0,
    columns
  });
  expect(text.split('\n')[1]).toBe('True\tFalse\t-0.0\t1.5\t\t"a\tb"');
});
