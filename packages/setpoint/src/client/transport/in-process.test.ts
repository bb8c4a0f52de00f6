import { describe, expect, it } from 'vitest';
import { createClient } from '../create-client.ts';
import { type InProcessHandler, inProcessTransport } from './in-process.ts';
import { discard, type TransportRequest } from './transport.ts';

const request = (url: string, more: Partial<TransportRequest> = {}): TransportRequest => ({
  method: 'GET',
  url,
  headers: {},
  signal: new AbortController().signal,
  ...more,
});

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Sends one line and then nothing until its request is given up. */
function endless(ended: () => void): InProcessHandler {
  return async ({ signal }) => {
    const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    void over.then(ended);
    return {
      status: 200,
      headers: {},
      body: (async function* () {
        yield new TextEncoder().encode('line\n');
        await over;
      })(),
    };
  };
}

describe('a server in this process', () => {
  it('gets the request as a socket server would, and who calls', async () => {
    const seen: unknown[] = [];
    const transport = inProcessTransport<{ name: string }>(
      async ({ method, url, headers, body, user }) => {
        seen.push(method, url, headers, Buffer.from(body).toString(), user);
        return { status: 201, headers: { warning: ['a', 'b'] }, body: new TextEncoder().encode('done') };
      },
      { user: { name: 'jane' } },
    );
    const response = await transport.request(
      request('/x?y=z', { method: 'POST', body: Buffer.from('{}'), headers: { accept: 'a', many: ['1', '2'] } }),
    );
    expect([response.status, response.headers, await text(response.body)]).toEqual([
      201,
      { warning: ['a', 'b'] },
      'done',
    ]);
    expect(seen).toEqual(['POST', '/x?y=z', { accept: 'a', many: '1, 2' }, '{}', { name: 'jane' }]);
  });

  it('is told when a body is given back unread, or left in the middle', async () => {
    let ended = 0;
    const transport = inProcessTransport(endless(() => ended++));
    const { body } = await transport.request(request('/'));
    for await (const _ of body) break;
    await expect.poll(() => ended).toBe(1);
    await discard((await transport.request(request('/'))).body);
    await expect.poll(() => ended).toBe(2);
  });

  it('is left when the signal aborts, even if it does not listen', async () => {
    const transport = inProcessTransport(() => new Promise(() => undefined));
    const stop = new AbortController();
    const waiting = transport.request(request('/', { signal: stop.signal }));
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('ends every stream when the client closes, each with an error of its own', async () => {
    const client = createClient({ transport: inProcessTransport(endless(() => undefined)) });
    const logs = ['a', 'b'].map((name) =>
      text(client.logs({ namespace: 'x', name }, { follow: true })).catch((error) => error),
    );
    const get = createClient({ transport: inProcessTransport(() => new Promise(() => undefined)) });
    const waiting = ['/a', '/b'].map((path) => get.raw('GET', path).catch((error) => error.message));
    await new Promise((resolve) => setImmediate(resolve));
    await client.close();
    await get.close();
    for (const error of await Promise.all(logs)) expect(error).toMatchObject({ code: 'Closed' });
    expect(await Promise.all(waiting)).toEqual([
      'cannot get /a: the client is closed',
      'cannot get /b: the client is closed',
    ]);
  });
});
