import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { isNotFound } from '../errors/index.ts';
import { createClient } from './create-client.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

/** A kubelet of a test: a WebSocket server on loopback without TLS. */
async function kubelet(
  serve: (socket: WebSocket, request: IncomingMessage) => void,
  options: { readonly protocol?: string; readonly refuse?: { readonly code: number; readonly body: string } } = {},
) {
  const requests: IncomingMessage[] = [];
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: (offered) => options.protocol ?? [...offered][0] ?? false,
  });
  if (options.refuse) {
    const { code, body } = options.refuse;
    server.shouldHandle = () => true;
    server.options.verifyClient = (_info, done) => done(false, code, body, { 'content-type': 'application/json' });
  }
  server.on('connection', (socket, request) => {
    requests.push(request);
    serve(socket, request);
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const client = createClient({
    config: { server: `http://127.0.0.1:${port}`, auth: { type: 'token', token: 'abc' } },
  });
  open.push({
    close: () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  });
  open.push(client);
  return { client, requests };
}

const pod = { namespace: 'team', name: 'a' };
const frame = (channel: number, text: string) => Buffer.concat([Buffer.of(channel), Buffer.from(text)]);
const status = (body: object) => frame(3, JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, ...body }));

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('exec', () => {
  it('separates the streams and ends with the exit code', async () => {
    const { client, requests } = await kubelet((socket) => {
      socket.send(frame(1, 'out'));
      socket.send(frame(2, 'err'));
      socket.send(frame(1, 'put'));
      socket.send(
        status({
          status: 'Failure',
          reason: 'NonZeroExitCode',
          details: { causes: [{ reason: 'ExitCode', message: '7' }] },
        }),
      );
      socket.close(1000);
    });
    const session = await client.exec(pod, { command: ['sh', '-c', 'exit 7 & x'], container: 'main' });
    expect(await Promise.all([text(session.stdout), text(session.stderr), session.exit])).toEqual(['output', 'err', 7]);
    expect(requests[0]?.url).toBe(
      '/api/v1/namespaces/team/pods/a/exec?stdout=true&stderr=true&container=main&command=sh&command=-c&command=exit%207%20%26%20x',
    );
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'Bearer abc',
      'sec-websocket-protocol': 'v5.channel.k8s.io,v4.channel.k8s.io',
    });
  });

  it('writes to standard input, ends it, and resizes the terminal', async () => {
    const got: string[] = [];
    const { client } = await kubelet((socket) => {
      socket.on('message', (data: Buffer) => {
        got.push(`${data[0]}:${data[0] === 255 ? data[1] : data.subarray(1)}`);
        if (data[0] !== 255) return;
        socket.send(status({ status: 'Success' }));
        socket.close(1000);
      });
    });
    const session = await client.exec(pod, { command: ['cat'], stdin: true, tty: true });
    await session.write('hello');
    await session.resize({ width: 80, height: 25 });
    await session.end();
    expect(await session.exit).toBe(0);
    expect(got).toEqual(['0:hello', '4:{"Width":80,"Height":25}', '255:0']);
  });

  it('says that standard input cannot be ended on a server that speaks only v4', async () => {
    const { client } = await kubelet(() => undefined, { protocol: 'v4.channel.k8s.io' });
    const session = await client.exec(pod, { command: ['cat'], stdin: true });
    await expect(session.end()).rejects.toThrow('it speaks v4.channel.k8s.io, not v5.channel.k8s.io');
    session.close();
  });

  it('fails when the connection breaks before the exit code', async () => {
    const { client } = await kubelet((socket) => {
      socket.send(frame(1, 'half'), () => socket.terminate());
    });
    const session = await client.exec(pod, { command: ['x'] });
    await expect(text(session.stdout)).rejects.toMatchObject({ code: 'ConnectionLost' });
    await expect(session.exit).rejects.toMatchObject({ code: 'ConnectionLost' });
  });

  it('that the server refuses is an ApiError', async () => {
    const body = JSON.stringify({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      reason: 'NotFound',
      message: 'pods "a" not found',
      code: 404,
    });
    const { client } = await kubelet(() => undefined, { refuse: { code: 404, body } });
    const error = await client.exec(pod, { command: ['x'] }).catch((e) => e);
    expect(isNotFound(error)).toBe(true);
    expect(error.message).toBe('cannot get Pod team/a (exec): pods "a" not found (404 NotFound)');
  });

  it('hands over all output of a command that nobody reads at first', async () => {
    const size = 6 * 1024 * 1024;
    const { client } = await kubelet((socket) => {
      for (let sent = 0; sent < size; sent += 65_536)
        socket.send(Buffer.concat([Buffer.of(1), Buffer.alloc(65_536, 'x')]));
      socket.send(status({ status: 'Success' }));
      socket.close(1000);
    });
    const session = await client.exec(pod, { command: ['x'], stderr: false });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await text(session.stdout)).length).toBe(size);
    expect(await session.exit).toBe(0);
  });

  it('ends with its signal', async () => {
    const { client } = await kubelet(() => undefined);
    const stop = new AbortController();
    const session = await client.exec(pod, { command: ['sleep'], signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(session.exit).rejects.toThrow('enough');
  });
});

describe('port-forward', () => {
  it('carries bytes both ways after the port numbers', async () => {
    const { client, requests } = await kubelet((socket) => {
      socket.send(Buffer.of(0, 80, 0));
      socket.send(Buffer.of(1, 80, 0));
      socket.on('message', (data: Buffer) => {
        socket.send(frame(0, data.subarray(1).toString().toUpperCase()));
        socket.close(1000);
      });
    });
    const forward = await client.portForward(pod, { port: 80 });
    await forward.write('ping');
    expect(await text(forward.data)).toBe('PING');
    expect(requests[0]?.url).toBe('/api/v1/namespaces/team/pods/a/portforward?ports=80');
  });

  it('fails with what the kubelet says', async () => {
    const { client } = await kubelet((socket) => {
      socket.send(Buffer.of(0, 80, 0));
      socket.send(Buffer.of(1, 80, 0));
      socket.send(frame(1, 'connection refused'));
    });
    const forward = await client.portForward(pod, { port: 80 });
    await expect(text(forward.data)).rejects.toThrow('port 80 of Pod team/a: connection refused');
  });
});
