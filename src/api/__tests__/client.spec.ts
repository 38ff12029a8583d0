import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it } from 'vitest';

import { JobsClient } from '../client';
import { ApiError, placeOf } from '../errors';

/** A client, and the requests that it made, answered by `answer`. */
function make(answer: (request: Request) => Response | Promise<Response>): {
  client: JobsClient;
  asked: Request[];
} {
  const asked: Request[] = [];
  const client = new JobsClient(
    ServerConnection.makeSettings({
      baseUrl: 'http://host/user/ann/',
      token: '',
      fetch: (async (input: RequestInfo, init?: RequestInit) => {
        const request = new Request(input, init);
        asked.push(request);
        return answer(request);
      }) as typeof fetch
    })
  );
  return { client, asked };
}

const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status });

async function refusal(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe('requests', () => {
  it('asks for a page with only what was given', async () => {
    const { client, asked } = make(() => json({ items: [], next: null }));
    await client.listJobs({ state: ['QUEUED', 'RUNNING'], q: '', limit: 5 });
    const url = new URL(asked[0].url);
    expect(url.pathname).toBe('/user/ann/datachain-jobs/api/jobs');
    expect(url.searchParams.get('state')).toBe('QUEUED,RUNNING');
    expect(url.searchParams.get('limit')).toBe('5');
    expect(url.searchParams.has('q')).toBe(false);
  });

  it('keeps a name with special letters in one path segment', async () => {
    const { client, asked } = make(() => json({}));
    await client.job('../status?x');
    expect(new URL(asked[0].url).pathname).toBe(
      '/user/ann/datachain-jobs/api/jobs/..%2Fstatus%3Fx'
    );
  });

  it('deletes datasets only when told to', async () => {
    const { client, asked } = make(() => json({}));
    await client.deleteJob('a');
    await client.deleteJob('a', { datasets: true });
    // JupyterLab adds a time stamp of its own.
    const said = asked.map(request => new URL(request.url).searchParams);
    expect(said.map(query => query.get('datasets'))).toEqual([null, 'true']);
  });

  it('gives log bytes with where they belong', async () => {
    const { client } = make(
      () =>
        new Response(new Uint8Array([0xff, 10]), {
          headers: {
            'X-Log-Offset': '7',
            'X-Log-Size': '9',
            'X-Log-Complete': 'true'
          }
        })
    );
    const chunk = await client.readLog('id', { offset: -2 });
    expect([...chunk.bytes]).toEqual([0xff, 10]);
    expect(chunk).toMatchObject({ offset: 7, size: 9, complete: true });
  });
});

describe('refusals', () => {
  it('carries the words of the server', async () => {
    const body = {
      code: 'script_syntax_error',
      message: 'invalid syntax',
      hint: 'Mend it.',
      details: { path: 'a.py', line: 3, column: 5, text: 'x =' }
    };
    const { client } = make(() => json(body, 400));
    const error = await refusal(client.submit({ script: { path: 'a.py' } }));
    expect(error).toMatchObject({ ...body, status: 400 });
    expect(placeOf(error)).toEqual({ line: 3, column: 5, text: 'x =' });
  });

  it('makes sense of answers that are not ours', async () => {
    const { client } = make(
      () => new Response('<h1>Bad gateway</h1>', { status: 502 })
    );
    const error = await refusal(client.status());
    expect(error.code).toBe('http_502');
    expect(error.message).toContain('502');
    expect(placeOf(error)).toBeNull();
  });

  it("uses Jupyter's own message when there is one", async () => {
    const { client } = make(() => json({ message: 'Forbidden' }, 403));
    expect((await refusal(client.status())).message).toBe('Forbidden');
  });

  it('says that the server is away when no answer comes', async () => {
    const { client } = make(() => Promise.reject(new TypeError('failed')));
    expect((await refusal(client.status())).code).toBe('server_unreachable');
  });
});
