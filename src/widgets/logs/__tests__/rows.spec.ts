import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import type { LogModel } from '../../../model/log';
import { LogBuffer } from '../../../model/logbuffer';
import { LogLines } from '../../../model/logline';
import { LogSegment } from '../../../model/logsegment';
import type { IJobModel } from '../../../tokens';
import { Rows } from '../rows';
import { LogStatus } from '../status';

const trans = nullTranslator.load('');
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A log whose rows are drawn, from the byte that its live part begins with. */
function drawn(line = 0): {
  buffer: LogBuffer;
  add: (text: string) => void;
  draw: (first?: number) => [number, string][];
  header: () => string;
} {
  const buffer = new LogBuffer();
  buffer.begin({ attempt: 1, offset: 0, line, size: 0 });
  const lines = new LogLines(buffer);
  const model = {
    buffer,
    phase: 'live',
    get size() {
      return buffer.end ?? 0;
    },
    line: (number: number) => lines.get(number)
  } as unknown as LogModel;
  const rows = new Rows(
    document.createElement('pre'),
    model,
    trans,
    () => null
  );
  const status = new LogStatus(model, trans);
  return {
    buffer,
    add: text => buffer.append(buffer.end ?? 0, encode(text)),
    draw: (first = 0) => {
      rows.draw(first, buffer.rowCount);
      return [...rows.node.children].map(row => [
        Number((row as HTMLElement).dataset.number),
        row.textContent ?? ''
      ]);
    },
    header: () => {
      status.refresh();
      return status.node.textContent ?? '';
    }
  };
}

/** Two bars as tqdm draws them, one in the other; then both are removed. */
function bars(frames: number): string {
  let text = '\router 0%';
  for (let frame = 0; frame < frames; frame++) {
    text += `\n\rinner ${frame}\x1b[A`;
  }
  return `${text}\n\r           \r\x1b[A\r         \r`;
}

describe('numbers of rows', () => {
  it('go on by one where bars were drawn over', () => {
    const log = drawn();
    log.add(`one\n${bars(250)}two\nthree\nfour\n${bars(9)}five\nsix\n`);
    const shown = log.draw();
    expect(shown.filter(([, text]) => text.trim())).toHaveLength(6);
    expect(shown.map(([number]) => number)).toEqual(
      shown.map((_, row) => row + 1)
    );
    expect(log.header()).toContain(`${shown.length} lines`);
    expect(log.buffer.lineCount).toBeGreaterThan(250);
  });

  it('agree with the header while bars are still moving', () => {
    const log = drawn();
    log.add('one\n\router');
    for (let frame = 0; frame < 5; frame++) {
      log.add(`\n\rinner ${frame}\x1b[A`);
      expect(log.draw()).toEqual([
        [1, 'one'],
        [2, 'outer'],
        [3, `inner ${frame}`]
      ]);
      expect(log.header()).toContain('3 lines');
    }
  });

  it('stay the same wherever the window begins, and with pages from the server', () => {
    const log = drawn(100);
    log.add(`live\n${bars(30)}after\nend\n`);
    const before = log.draw(95);
    expect(before[0]).toEqual([96, '']);
    expect(before[5]).toEqual([101, 'live']);
    const page = new LogSegment(90);
    page.append(encode('older\n'.repeat(10)));
    log.buffer.insert(page);
    expect(log.draw(95).map(([number]) => number)).toEqual(
      before.map(([number]) => number)
    );
    expect(log.draw(95)[0]).toEqual([96, 'older']);
    expect(log.draw(101)).toEqual(before.slice(6));
    expect(log.header()).toContain(`${before[before.length - 1][0]} lines`);
  });
});

describe('the status', () => {
  it.each(['QUEUED', 'INIT'])(
    'does not call the log of a job that is %s live',
    state => {
      const model = {
        buffer: new LogBuffer(),
        phase: 'live',
        size: 0
      } as unknown as LogModel;
      const job = { job: { state } } as unknown as IJobModel;
      const status = new LogStatus(model, trans, job);
      status.refresh();
      expect(status.node.textContent).toBe('Waiting for its start');
    }
  );
});
