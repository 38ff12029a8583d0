import { describe, expect, it } from 'vitest';

import { parseFrame } from '../frames';
import { logFrame } from './fakesocket';

const JOB = '0b9f2c1e-5d0f-4c0a-9e7b-00ff10a0b0c0';

describe('parseFrame', () => {
  it('reads the header and leaves the bytes as they are', () => {
    const frame = parseFrame(logFrame(JOB, 3, 17, 'häl'));
    expect(frame).toMatchObject({ job: JOB, attempt: 3, offset: 17 });
    expect(new TextDecoder().decode(frame!.bytes)).toBe('häl');
  });

  it('keeps offsets beyond four gigabytes exact', () => {
    const offset = 7 * 2 ** 32 + 11;
    expect(parseFrame(logFrame(JOB, 1, offset, ''))!.offset).toBe(offset);
  });

  it('leaves out what it does not know', () => {
    const unknown = logFrame(JOB, 1, 0, 'x');
    new DataView(unknown).setUint8(0, 9);
    expect(parseFrame(unknown)).toBeNull();
    expect(parseFrame(new ArrayBuffer(12))).toBeNull();
  });
});
