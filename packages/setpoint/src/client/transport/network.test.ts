import { FakeClock, systemClock } from '@setpoint/apimachinery/clock';
import { afterEach, describe, expect, it } from 'vitest';
import { type Handler, type LoopbackServer, loopbackServer } from '../../../test/loopback/server.ts';
import { ConnectionError } from '../../errors/index.ts';
import { type NetworkTransport, networkTransport } from './network.ts';
import { discard, type TransportRequest } from './transport.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function serve(handler: Handler, options?: Parameters<typeof loopbackServer>[1]): Promise<LoopbackServer> {
  const server = await loopbackServer(handler, options);
  open.push(server);
  return server;
}

function connect(
  server: LoopbackServer,
  options: Partial<Parameters<typeof networkTransport>[0]> = {},
): NetworkTransport {
  const transport = networkTransport({ server: server.url, tls: { ca: server.ca }, clock: systemClock, ...options });
  open.push(transport);
  return transport;
}

const get = (url: string, more: Partial<TransportRequest> = {}): TransportRequest => ({
  method: 'GET',
  url,
  headers: {},
  signal: AbortSignal.timeout(5_000),
  ...more,
});

async function text(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Answers `/watch` with one line and no end, anything else with `ok`. */
const watchesAndGets: Handler = (request, response) => {
  if (request.url.startsWith('/watch')) response.write('{}\n');
  else response.end('ok');
};

describe('requests over HTTP/2', () => {
  it('share one connection per class', async () => {
    const server = await serve((request, response) => {
      request.resume();
      request.on('end', () => response.end(`${request.method} ${request.url}`));
    });
    const transport = connect(server);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => text((await transport.request(get(`/${index}`))).body)),
    );
    expect(answers[19]).toBe('GET /19');
    await text((await transport.request(get('/lease', { connection: 'lease' }))).body);
    expect(transport.connections()).toEqual({ unary: 1, watch: 0, lease: 1 });
    expect(server.sockets).toHaveLength(2);
  });

  it('send bodies and hand over status, headers and repeated headers', async () => {
    const server = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(201, {
          warning: ['299 - "a"', '299 - "b"'] as never,
          'x-length': request.headers['content-length'],
        });
        response.end(Buffer.concat(chunks));
      });
    });
    const transport = connect(server);
    const response = await transport.request(get('/', { method: 'POST', body: Buffer.from('héllo') }));
    expect(response.status).toBe(201);
    expect(response.headers['x-length']).toBe('6');
    expect(String(response.headers.warning)).toContain('299 - "b"');
    expect(await text(response.body)).toBe('héllo');
  });

  it("go below the path of the server's URL", async () => {
    const server = await serve((request, response) => response.end(request.url));
    const transport = connect(server, { server: `${server.url}/clusters/one/` });
    expect(await text((await transport.request(get('/api?x=1'))).body)).toBe('/clusters/one/api?x=1');
  });

  it('of 300 open watches hold up no GET', async () => {
    const server = await serve(watchesAndGets);
    const transport = connect(server);
    const stop = new AbortController();
    const watches = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        transport.request(get(`/watch/${index}`, { connection: 'watch', signal: stop.signal })),
      ),
    );
    expect(watches).toHaveLength(300);
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      expect(await text((await transport.request(get('/get'))).body)).toBe('ok');
      times.push(performance.now() - start);
    }
    expect(Math.min(...times)).toBeLessThan(100);
    expect(transport.connections().watch).toBeGreaterThanOrEqual(3);
    stop.abort(new Error('enough'));
    await expect(text(watches[0]?.body as never)).rejects.toThrow('enough');
  });

  it('get a second connection before the first is full', async () => {
    const server = await serve(watchesAndGets, { maxConcurrentStreams: 10 });
    const transport = connect(server);
    for (let index = 0; index < 8; index++) await transport.request(get(`/watch/${index}`, { connection: 'watch' }));
    await expect.poll(() => transport.connections().watch).toBe(2);
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => transport.request(get(`/watch/1${index}`, { connection: 'watch' }))),
    );
    await expect.poll(() => transport.connections().watch).toBe(3);
  });

  it('go on while a watch of the same connection is not read', async () => {
    const flood = Buffer.alloc(64 * 1024, 'x');
    const server = await serve((request, response) => {
      if (request.url !== '/flood') return void response.end('ok');
      const pump = () => {
        while (response.write(flood));
        response.once('drain', pump);
      };
      pump();
    });
    const transport = connect(server);
    const unread = [];
    for (let index = 0; index < 20; index++)
      unread.push(await transport.request(get('/flood', { connection: 'watch' })));
    for (let round = 0; round < 10; round++) {
      expect(await text((await transport.request(get('/get', { connection: 'watch' }))).body)).toBe('ok');
    }
    for (const response of unread) await discard(response.body);
  });

  it('give a stream back when its body is left unread', async () => {
    let closed = 0;
    const server = await serve((_, response) => {
      response.stream.on('close', () => closed++);
      response.write('first');
    });
    const transport = connect(server);
    await discard((await transport.request(get('/'))).body);
    for await (const chunk of (await transport.request(get('/'))).body) {
      expect(Buffer.from(chunk).toString()).toBe('first');
      break;
    }
    await expect.poll(() => closed).toBe(2);
  });

  it('after a GOAWAY use a new connection, while open streams end in peace', async () => {
    let finish: (() => void) | undefined;
    const server = await serve((request, response) => {
      if (request.url === '/slow') {
        response.write('first ');
        finish = () => response.end('last');
      } else response.end('ok');
    });
    const transport = connect(server);
    const slow = await transport.request(get('/slow'));
    server.sessions[0]?.goaway(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await text((await transport.request(get('/'))).body)).toBe('ok');
    expect(server.sessions).toHaveLength(2);
    finish?.();
    expect(await text(slow.body)).toBe('first last');
  });

  it('are known not to have been acted on when the server refuses the stream', async () => {
    const server = await serve((_, response) => response.stream.close(7));
    const transport = connect(server);
    const error = await transport.request(get('/', { method: 'POST', body: Buffer.from('{}') })).catch((e) => e);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: 'ConnectionLost', requestSent: false });
  });

  it('do not try for ever where every connection is closed at once', async () => {
    const server = await serve(watchesAndGets, { onSession: (session) => session.goaway(0) });
    const error = await connect(server)
      .request(get('/'))
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'ConnectionLost', requestSent: false });
    expect(server.sessions.length).toBeLessThan(6);
  });

  it('that end without a word fail', async () => {
    const server = await serve((_, response) => response.stream.close(0));
    const transport = connect(server);
    const big = Buffer.alloc(12 * 1024 * 1024);
    for (const body of [undefined, Buffer.from('{}'), big]) {
      const error = await transport.request(get('/', { method: 'POST', body })).catch((e) => e);
      expect(error).toMatchObject({ code: 'ConnectionLost', requestSent: true });
    }
  });

  it('with a body of many megabytes get through, and an early answer to one is heard', async () => {
    const server = await serve(
      (request, response) => {
        if (request.url === '/refuse') {
          // As Go's server does it: the whole answer and a reset at once.
          response.writeHead(413).end('too large');
          response.stream.close(0);
          return;
        }
        let length = 0;
        request.on('data', (chunk: Buffer) => {
          length += chunk.length;
        });
        request.on('end', () => response.end(String(length)));
      },
      { maxConcurrentStreams: 5 },
    );
    const transport = connect(server);
    const body = Buffer.alloc(24 * 1024 * 1024);
    expect(await text((await transport.request(get('/', { method: 'PUT', body }))).body)).toBe(String(body.length));
    for (let time = 0; time < 6; time++) {
      const refused = await transport.request(get('/refuse', { method: 'PUT', body }));
      expect([refused.status, await text(refused.body)]).toEqual([413, 'too large']);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(transport.connections().unary).toBe(1);
  });

  it('that a GOAWAY leaves out were surely not acted on', async () => {
    const server = await serve((request, response) => {
      // The first stream is looked at; the second one is above the last that GOAWAY names.
      if (request.url === '/second') response.stream.session?.goaway(0, 1);
      else response.write('first');
    });
    const transport = connect(server);
    const first = await transport.request(get('/first'));
    const second = await transport.request(get('/second', { method: 'POST', body: Buffer.from('{}') })).catch((e) => e);
    expect(second).toMatchObject({ code: 'ConnectionLost', requestSent: false });
    await discard(first.body);
  });

  it('that end without an answer may have been acted on', async () => {
    const server = await serve((_, response) => response.stream.session?.destroy());
    const transport = connect(server);
    const error = await transport.request(get('/', { method: 'POST', body: Buffer.from('{}') })).catch((e) => e);
    expect(error).toMatchObject({ code: 'ConnectionLost', requestSent: true });
  });

  it.each([
    ['a reset of the stream', (response: Parameters<Handler>[1]) => response.stream.close(8)],
    ['the end of the socket', (response: Parameters<Handler>[1]) => response.stream.session?.socket.destroy()],
    ['the end of the session', (response: Parameters<Handler>[1]) => response.stream.session?.destroy()],
    ['an error of the server', (response: Parameters<Handler>[1]) => response.stream.close(2)],
  ])('fail in the middle of a body by %s', async (_, cut) => {
    const server = await serve((_request, response) => {
      response.write('half');
      setTimeout(() => cut(response), 20);
    });
    const transport = connect(server);
    const response = await transport.request(get('/'));
    await expect(text(response.body)).rejects.toMatchObject({ code: 'ConnectionLost' });
  });

  it('end when a ping gets no answer', async () => {
    const server = await serve(watchesAndGets);
    const clock = new FakeClock();
    const transport = connect(server, { clock });
    const response = await transport.request(get('/watch', { connection: 'watch' }));
    const reading = text(response.body).catch((error) => error);
    // A peer that is there answers; one that hears nothing does not.
    await clock.advance(30_000);
    await expect.poll(() => transport.connections().watch).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    await clock.advance(29_000);
    expect(transport.connections().watch).toBe(1);
    server.sockets[0]?.pause();
    await clock.advance(20_000);
    const error = await reading;
    expect(error).toMatchObject({ code: 'ConnectionLost' });
    expect(error.message).toContain('no answer to a ping within 15 s');
    expect(await text((await transport.request(get('/'))).body)).toBe('ok');
  });

  it('close a connection that was idle for a minute and a half', async () => {
    const server = await serve(watchesAndGets);
    const clock = new FakeClock();
    const transport = connect(server, { clock });
    await text((await transport.request(get('/'))).body);
    await expect.poll(() => transport.connections().unary).toBe(1);
    for (let tick = 0; tick < 4; tick++) {
      await clock.advance(30_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await expect.poll(() => transport.connections().unary).toBe(0);
  });

  it('use new certificates on a new connection', async () => {
    const server = await serve(watchesAndGets);
    const transport = connect(server);
    await text((await transport.request(get('/'))).body);
    transport.replaceTls({ ca: server.ca, serverName: 'cluster.test' });
    await text((await transport.request(get('/'))).body);
    expect(server.sockets).toHaveLength(2);
  });
});

describe('requests over HTTP/1.1', () => {
  it('reuse connections, and watches do not hold up GETs', async () => {
    const server = await serve(watchesAndGets, { protocol: 'http/1.1' });
    const transport = connect(server);
    const stop = new AbortController();
    const watches = await Promise.all(
      Array.from({ length: 60 }, () => transport.request(get('/watch', { connection: 'watch', signal: stop.signal }))),
    );
    for (let round = 0; round < 10; round++) expect(await text((await transport.request(get('/'))).body)).toBe('ok');
    // One connection to learn the protocol per class, sixty watches, one for all GETs.
    expect(server.sockets.length).toBeLessThanOrEqual(60 + 60 + 2);
    stop.abort(new Error('enough'));
    await expect(text(watches[0]?.body as never)).rejects.toThrow('enough');
  });

  it('fail in the middle of a body when the connection ends', async () => {
    const server = await serve(
      (_, response) => {
        response.write('half');
        setTimeout(() => (response as never as { socket: { destroy(): void } }).socket.destroy(), 20);
      },
      { protocol: 'http/1.1' },
    );
    const response = await connect(server).request(get('/'));
    await expect(text(response.body)).rejects.toMatchObject({ code: 'ConnectionLost' });
  });
});

describe('requests to a server that takes both protocols', () => {
  it('go over HTTP/1.1, and the watches of one for many namespaces share connections of HTTP/2', async () => {
    const server = await serve(watchesAndGets, { protocol: 'both' });
    const transport = connect(server);
    const stop = new AbortController();
    const watch = (count: number) =>
      Promise.all(
        Array.from({ length: count }, () =>
          transport.request(get('/watch', { connection: 'watch', signal: stop.signal })),
        ),
      );
    await watch(32);
    expect(server.sessions).toHaveLength(0);
    expect(transport.connections()).toEqual({ unary: 0, watch: 32, lease: 0 });
    const [beyond] = await watch(60);
    expect(server.sessions).toHaveLength(1);
    expect(transport.connections().watch).toBe(33);
    expect(await text((await transport.request(get('/'))).body)).toBe('ok');
    expect(transport.connections().unary).toBe(1);
    stop.abort(new Error('enough'));
    await expect(text(beyond?.body as never)).rejects.toThrow('enough');
    await expect.poll(() => transport.connections().watch).toBe(1);
  });

  it('end with the transport, those of former certificates too', async () => {
    const server = await serve(watchesAndGets, { protocol: 'both' });
    const transport = connect(server);
    const watches = await Promise.all(
      Array.from({ length: 33 }, () =>
        transport.request(get('/watch', { connection: 'watch', signal: new AbortController().signal })),
      ),
    );
    const ends = watches.map(({ body }) => text(body).catch((error) => error.code));
    transport.replaceTls({ ca: server.ca, serverName: 'cluster.test' });
    await transport.close();
    expect(new Set(await Promise.all(ends))).toEqual(new Set(['ConnectionLost']));
    await expect.poll(() => server.sockets.every(({ destroyed }) => destroyed)).toBe(true);
  });

  it('use new certificates on new connections of either', async () => {
    const server = await serve(watchesAndGets, { protocol: 'both' });
    const transport = connect(server);
    const watches = () =>
      Promise.all(Array.from({ length: 33 }, () => transport.request(get('/watch', { connection: 'watch' }))));
    await watches();
    transport.replaceTls({ ca: server.ca, serverName: 'cluster.test' });
    await watches();
    expect(server.sessions).toHaveLength(2);
    expect(server.sockets).toHaveLength(66);
  });
});

describe('a server that cannot be reached', () => {
  it('is named, with what is wrong', async () => {
    const server = await loopbackServer(watchesAndGets);
    await server.close();
    const error = await connect(server)
      .request(get('/'))
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'ConnectFailed', requestSent: false });
    expect(error.message).toMatch(/^cannot connect to 127\.0\.0\.1:\d+: nothing listens there \(connection refused\)$/);
  });

  it('is not trusted without its CA, unless verification is off', async () => {
    const server = await serve(watchesAndGets);
    const error = await connect(server, { tls: {} })
      .request(get('/'))
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'TlsFailed', requestSent: false });
    const trusting = connect(server, { tls: { insecureSkipVerify: true } });
    expect(await text((await trusting.request(get('/'))).body)).toBe('ok');
  });

  it('is checked under the name that tls-server-name gives', async () => {
    const server = await serve(watchesAndGets);
    const error = await connect(server, { tls: { ca: server.ca, serverName: 'other.test' } })
      .request(get('/'))
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'TlsFailed' });
    expect(error.message).toContain('other.test');
  });

  it('ends a request when its signal does', async () => {
    const server = await serve(() => undefined);
    const stop = new AbortController();
    const request = connect(server).request(get('/', { signal: stop.signal }));
    setTimeout(() => stop.abort(new Error('stopped')), 20);
    await expect(request).rejects.toThrow('stopped');
  });

  it('ends everything when the transport closes', async () => {
    const server = await serve(watchesAndGets);
    const transport = connect(server);
    const response = await transport.request(get('/watch', { connection: 'watch' }));
    const reading = text(response.body).catch((error) => error);
    await transport.close();
    expect(await reading).toMatchObject({ code: 'ConnectionLost' });
    await expect(transport.request(get('/'))).rejects.toMatchObject({ code: 'Closed', requestSent: false });
  });
});
