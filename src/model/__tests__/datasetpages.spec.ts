import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { IJobsClient, RowPage } from '../../tokens';
import { DatasetPages, LOADING } from '../datasetpages';

/** Rows whose cells say where they are. */
class FakeRows {
  readonly asked: number[] = [];
  aborted = 0;
  failing = false;
  delay = 20;

  readonly client = {
    rows: async (
      uuid: string,
      { offset, limit }: { offset: number; limit: number },
      abort: AbortSignal
    ): Promise<RowPage> => {
      this.asked.push(offset);
      await new Promise(resolve => setTimeout(resolve, this.delay));
      if (abort.aborted) {
        this.aborted++;
        throw new Error('aborted');
      }
      if (this.failing) {
        throw new Error('away');
      }
      const count = Math.min(limit, 5_000_000 - offset);
      return {
        uuid,
        offset,
        limit,
        total: 5_000_000,
        columns: ['a', 'b'],
        rows: Array.from({ length: count }, (_, at) => [offset + at, 'b']),
        truncated: [[3, 1, 12_345]]
      };
    }
  };

  open(columns = 2, rows = 5_000_000): DatasetPages {
    return new DatasetPages(
      this.client as unknown as IJobsClient,
      'uuid',
      columns,
      rows
    );
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('pages', () => {
  it('are read when they are looked at, first to last row', async () => {
    const server = new FakeRows();
    const pages = server.open();
    expect(pages.cell(0, 0)).toBe(LOADING);
    for (const row of [0, 2_500_000, 4_999_999]) {
      pages.want(row, row + 30);
      await vi.advanceTimersByTimeAsync(500);
      expect(pages.cell(row, 0)).toBe(row);
    }
    expect(server.asked).toContain(4_999_800);
    expect(server.asked.every(offset => offset < 5_000_000)).toBe(true);
  });

  it('beside the visible ones come after them', async () => {
    const server = new FakeRows();
    const pages = server.open();
    pages.want(400, 430);
    await vi.advanceTimersByTimeAsync(1);
    expect(server.asked).toEqual([400]);
    await vi.advanceTimersByTimeAsync(500);
    expect(server.asked).toEqual([400, 600, 200]);
  });

  it('that were passed in a long drag are hardly read', async () => {
    const server = new FakeRows();
    const pages = server.open();
    for (let row = 0; row < 4_000_000; row += 40_000) {
      pages.want(row, row + 30);
      await vi.advanceTimersByTimeAsync(16);
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(pages.cell(3_960_000, 0)).toBe(3_960_000);
    expect(server.asked.length).toBeLessThan(6);
  });

  it('that no one waits for any more are given up', async () => {
    const server = new FakeRows();
    server.delay = 1000;
    const pages = server.open();
    pages.want(0, 30);
    await vi.advanceTimersByTimeAsync(100);
    pages.want(1_000_000, 1_000_030);
    await vi.advanceTimersByTimeAsync(1500);
    expect(server.aborted).toBe(1);
    expect(pages.cell(0, 0)).toBe(LOADING);
    expect(pages.cell(1_000_000, 0)).toBe(1_000_000);
  });

  it('are dropped when they were not looked at for long', async () => {
    const server = new FakeRows();
    const pages = server.open(1000);
    expect(pages.pageRows).toBe(20);
    for (let row = 0; row < 4000; row += 20) {
      pages.want(row, row + 19);
      await vi.advanceTimersByTimeAsync(200);
    }
    const loaded = Array.from({ length: 200 }, (_, n) => n * 20).filter(
      row => pages.cell(row, 0) !== LOADING
    );
    expect(loaded.length).toBeLessThan(30);
    expect(loaded).toContain(3980);
  });

  it('that fill a very large screen all stay', async () => {
    const server = new FakeRows();
    const pages = server.open(1000);
    pages.want(0, 999);
    await vi.advanceTimersByTimeAsync(500);
    for (let row = 0; row < 1000; row++) {
      expect(pages.cell(row, 0)).toBe(row);
    }
  });

  it('tell how long a cut cell is', async () => {
    const pages = new FakeRows().open();
    pages.want(200, 230);
    await vi.advanceTimersByTimeAsync(200);
    expect(pages.fullLength(203, 1)).toBe(12_345);
    expect(pages.fullLength(204, 1)).toBeNull();
  });

  it('are asked for again after a failure, which is told', async () => {
    const server = new FakeRows();
    server.failing = true;
    const pages = server.open();
    const told = vi.fn();
    pages.problemChanged.connect(told);
    pages.want(0, 30);
    await vi.advanceTimersByTimeAsync(200);
    expect(pages.problem?.message).toBe('away');
    expect(server.asked.length).toBe(1);
    server.failing = false;
    await vi.advanceTimersByTimeAsync(3500);
    expect(pages.cell(0, 0)).toBe(0);
    expect(pages.problem).toBeNull();
    expect(told).toHaveBeenCalledTimes(2);
  });

  it('are left alone after dispose', async () => {
    const server = new FakeRows();
    const pages = server.open();
    pages.want(0, 30);
    pages.dispose();
    await vi.advanceTimersByTimeAsync(500);
    pages.want(1000, 1030);
    await vi.advanceTimersByTimeAsync(500);
    expect(server.asked).toEqual([]);
  });
});
