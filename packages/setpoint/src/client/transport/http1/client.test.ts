import net, { type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@setpoint/apimachinery/clock';
import { afterEach, describe, expect, it } from 'vitest';
import { Connector, parseTarget } from '../connect.ts';
import type { TransportRequest, TransportResponse } from '../transport.ts';
import { Http1Client } from './client.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

/** A server of bytes: called with each request's text as it comes, and the number of its connection. */
async function serve(answer: (request: string, socket: Socket, connection: number) => void) {
  const sockets: Socket[] = [];
  const server = net.createServer((socket) => {
    const connection = sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => answer(bytes.toString('latin1'), socket, connection));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
  const target = parseTarget(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const client = new Http1Client({ host: target.host, connector: new Connector(target, {}), clock: systemClock });
  open.push(client);
  return { client, sockets };
}

const get = (url: string, more: Partial<TransportRequest> = {}): TransportRequest => ({
  method: 'GET',
  url,
  headers: {},
  signal: AbortSignal.timeout(5_000),
  ...more,
});
const answerOf = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

async function text({ body }: TransportResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a request over HTTP/1.1', () => {
  it('goes as one message, with its body and its length', async () => {
    const { client } = await serve((request, socket) => socket.write(answerOf(request)));
    const headers = { accept: 'application/json', 'x-two': ['a', 'b'], none: undefined };
    const body = Buffer.from('{"a":1}');
    const { whole } = await client.request(get('/apis?x=1', { method: 'PATCH', headers, body }));
    expect(String(whole)).toBe(
      `PATCH /apis?x=1 HTTP/1.1\r\nhost: ${client.host}\r\naccept: application/json\r\nx-two: a\r\nx-two: b\r\ncontent-length: 7\r\n\r\n{"a":1}`,
    );
    const { whole: empty } = await client.request(get('/', { method: 'POST' }));
    expect(String(empty)).toContain('\r\ncontent-length: 0\r\n');
  });

  it.each([
    ['the path', { url: '/a\r\nX: y' }],
    ['the path', { url: '/a b' }],
    ['the method', { method: 'GET /x' }],
    ['the header authorization', { headers: { authorization: 'Bearer secret\r\nX: y' } }],
    ['the name of a header', { headers: { 'a\nb': 'c' } }],
  ])('cannot begin another one by %s', async (what, more) => {
    const requests: string[] = [];
    const { client, sockets } = await serve((request, socket) => {
      requests.push(request);
      socket.write(answerOf('ok'));
    });
    await client.request(get('/first'));
    let sending = false;
    const onSending = () => {
      sending = true;
    };
    const error = await client.request(get('/second', { onSending, ...more })).catch((e) => e);
    expect(error).toMatchObject({ code: 'InvalidRequest' });
    expect(error.message).toContain(what.replace('the method', 'the method or'));
    expect(error.message).not.toContain('secret');
    expect(sending).toBe(false);
    await client.request(get('/third'));
    expect(requests.map((request) => request.split(' ')[1])).toEqual(['/first', '/third']);
    expect(sockets).toHaveLength(1);
  });

  it('is not sent where the caller says no at the last moment, and leaves the connection to others', async () => {
    const requests: string[] = [];
    const { client, sockets } = await serve((request, socket) => {
      requests.push(request);
      socket.write(answerOf('ok'));
    });
    const onSending = () => {
      throw new Error('not any more');
    };
    await expect(client.request(get('/no', { onSending }))).rejects.toThrow('not any more');
    await client.request(get('/yes'));
    expect(requests).toHaveLength(1);
    expect(sockets).toHaveLength(1);
  });

  it('has a connection of its own as long as its answer comes', async () => {
    const { client, sockets } = await serve((request, socket) => {
      if (request.startsWith('GET /watch'))
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n');
      else socket.write(answerOf('ok'));
    });
    const watch = await client.request(get('/watch'));
    expect(watch.whole).toBeUndefined();
    for (let i = 0; i < 3; i++) expect(await text(await client.request(get('/get')))).toBe('ok');
    expect(sockets).toHaveLength(2);
    // Nobody reads on.
    await watch.body[Symbol.asyncIterator]().return?.();
    await expect.poll(() => client.connections('unary')).toBe(1);
  });

  it('ends with its signal, and so does its connection', async () => {
    const { client, sockets } = await serve((request, socket) => {
      if (!request.startsWith('GET /hang')) socket.write(answerOf('ok'));
    });
    const stop = new AbortController();
    const hanging = client.request(get('/hang', { signal: stop.signal }));
    setTimeout(() => stop.abort(new Error('stopped')), 10);
    await expect(hanging).rejects.toThrow('stopped');
    await expect.poll(() => sockets[0]?.destroyed).toBe(true);
    expect(await text(await client.request(get('/')))).toBe('ok');
  });

  it('leaves no listener at a signal that outlives it', async () => {
    const { client } = await serve((_, socket) => socket.write(answerOf('ok')));
    const { signal } = new AbortController();
    let listeners = 0;
    const counting = {
      aborted: false,
      throwIfAborted: () => undefined,
      addEventListener: () => listeners++,
      removeEventListener: () => listeners--,
    } as unknown as AbortSignal;
    for (let i = 0; i < 3; i++) await text(await client.request(get('/', { signal: i === 0 ? signal : counting })));
    expect(listeners).toBe(0);
  });

  it('uses a new connection where the server has closed the old one', async () => {
    const { client, sockets } = await serve((_, socket) => socket.write(answerOf('ok')));
    await text(await client.request(get('/')));
    sockets[0]?.end();
    await expect.poll(() => client.connections('unary')).toBe(0);
    expect(await text(await client.request(get('/')))).toBe('ok');
    expect(sockets).toHaveLength(2);
  });

  it('keeps an idle connection no longer than the server says, less a second', async () => {
    const { client, sockets } = await serve((_, socket) =>
      socket.write(answerOf('ok').replace('OK\r\n', 'OK\r\nKeep-Alive: timeout=1, max=100\r\n')),
    );
    for (let i = 0; i < 2; i++) await text(await client.request(get('/')));
    expect(sockets).toHaveLength(2);
  });

  it.each([
    ['says close', (socket: Socket) => socket.write(answerOf('ok').replace('OK\r\n', 'OK\r\nConnection: close\r\n'))],
    ['sends more than it was asked for', (socket: Socket) => socket.write(`${answerOf('ok')}HTTP/1.1 200 OK\r\n\r\n`)],
    ['is done with HTTP/1.0', (socket: Socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nok')],
  ])('uses no connection again whose server %s', async (_, answer) => {
    const { client, sockets } = await serve((_request, socket) => answer(socket));
    expect(await client.request(get('/')).then(text, (error) => error.code)).toMatch(/^(ok|ConnectionLost)$/);
    expect(await client.request(get('/')).then(text, (error) => error.code)).toMatch(/^(ok|ConnectionLost)$/);
    expect(sockets).toHaveLength(2);
  });

  it.each([
    ['before the head', ''],
    ['in the head', 'HTTP/1.1 200 OK\r\nContent'],
    ['in the body', answerOf('hello').slice(0, -2)],
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel'],
    ['by what is no answer', 'nonsense\r\n\r\n'],
  ])('fails where its answer ends %s; the server may have acted on it', async (_, answer) => {
    const { client } = await serve((_request, socket) => socket.end(answer, 'latin1'));
    const error = await client
      .request(get('/', { method: 'POST', body: Buffer.from('{}') }))
      .then(text, (e) => e)
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'ConnectionLost', requestSent: true });
  });

  it('is answered before it was sent whole, and the connection is given up', async () => {
    const { client, sockets } = await serve((_, socket) => {
      if (socket.bytesWritten === 0) socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig');
      socket.pause();
    });
    const response = await client.request(get('/', { method: 'POST', body: Buffer.alloc(20 * 1024 * 1024) }));
    expect(response.status).toBe(413);
    expect(await text(response)).toBe('big');
    await expect.poll(() => client.connections('unary')).toBe(0);
    expect(sockets).toHaveLength(1);
  });

  it('makes a server wait whose answer nobody reads, and gets all of it in the end', async () => {
    const size = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let sent = 0;
    const { client } = await serve((_, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const pump = () => {
        while (sent < size) {
          sent += chunk.length;
          if (!socket.write(chunk)) return void socket.once('drain', pump);
        }
      };
      pump();
    });
    const response = await client.request(get('/', { connection: 'watch' }));
    await delay(150);
    const before = sent;
    await delay(50);
    expect(sent).toBe(before);
    expect(sent).toBeLessThan(size / 2);
    let received = 0;
    for await (const bytes of response.body) received += bytes.length;
    expect(received).toBe(size);
    // The connection carries on.
    expect(client.connections('watch')).toBe(1);
  });

  it('of many at a time each gets its own answer', async () => {
    const { client, sockets } = await serve((request, socket) => {
      setTimeout(() => socket.write(answerOf(request.split(' ')[1] ?? '')), Math.random() * 5);
    });
    const answers = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => text(await client.request(get(`/${i}`)))),
    );
    expect(answers).toEqual(Array.from({ length: 300 }, (_, i) => `/${i}`));
    expect(sockets.length).toBeLessThanOrEqual(50);
  });
});
