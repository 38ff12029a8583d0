import { describe, expect, it } from 'vitest';

import { findLinks, pathResolver } from '../links';

const resolve = pathResolver('/home/ann', 'work/job.py');
const parts = (text: string): string[] =>
  findLinks(text, resolve).map(({ from, to }) => text.slice(from, to));

describe('links', () => {
  it('lead to the lines of a traceback', () => {
    const text = '  File "/home/ann/work/job.py", line 12, in <module>';
    expect(findLinks(text, resolve)).toEqual([
      { from: 2, to: 39, at: { path: 'work/job.py', line: 12 } }
    ]);
  });

  it('lead to neighbours of the script, not to installed packages', () => {
    expect(parts('File "/home/ann/lib/x.py", line 1')).toHaveLength(1);
    expect(
      parts('File "/home/ann/.venv/lib/site-packages/x.py", line 1')
    ).toEqual([]);
    expect(parts('File "/usr/lib/python3/x.py", line 1')).toEqual([]);
    expect(parts('File "<string>", line 1')).toEqual([]);
  });

  it('know the script where the root of the server is not known', () => {
    const unknown = pathResolver('', 'work/job.py');
    expect(unknown('/srv/data/work/job.py')).toBe('work/job.py');
    expect(unknown('/srv/data/other.py')).toBeNull();
    expect(unknown('/srv/data/homework/job.py')).toBeNull();
  });

  it('lead to addresses, without the end of the sentence', () => {
    expect(
      parts('see https://a.b/c?d=e&f=(g). Also (http://x.y/), not ftp://z')
    ).toEqual(['https://a.b/c?d=e&f=(g', 'http://x.y/']);
  });

  it('are none in plain text', () => {
    expect(parts('nothing here')).toEqual([]);
  });
});
