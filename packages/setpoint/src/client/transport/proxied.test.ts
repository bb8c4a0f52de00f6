import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { loopbackServer } from '../../../test/loopback/server.ts';
import { createClient } from '../create-client.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

/** A proxy that tunnels (CONNECT), or refuses to. */
async function proxy(refuse = false) {
  const tunnels: string[] = [];
  const sockets: Socket[] = [];
  const server = http.createServer();
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('connect', (request, client: Socket) => {
    tunnels.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim());
    if (refuse) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const [host, port] = (request.url ?? '').split(':');
    const upstream = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    sockets.push(upstream);
    for (const socket of [upstream, client]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels };
}

async function server() {
  const loopback = await loopbackServer(
    (request, response) => {
      if (request.url?.startsWith('/watch')) return void response.write('first');
      request.resume();
      request.on('end', () => response.end(JSON.stringify({ method: request.method, url: request.url })));
    },
    { protocol: 'http/1.1' },
  );
  open.push(loopback);
  return loopback;
}

describe('a client with a proxy', () => {
  it("tunnels to the server, and checks the server's certificate, not the proxy's", async () => {
    const target = await server();
    const { host, tunnels } = await proxy();
    const client = createClient({
      config: { server: target.url, tls: { ca: target.ca }, proxyUrl: `http://me:pw@${host}` },
    });
    open.push(client);
    const { body } = await client.raw('GET', '/version');
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({ method: 'GET', url: '/version' });
    await client.raw('POST', '/x', { body: '{}' });
    expect(tunnels[0]).toBe(`${new URL(target.url).host} Basic ${Buffer.from('me:pw').toString('base64')}`);
  });

  it('does not trust a server that its CA does not vouch for', async () => {
    const target = await server();
    const { host } = await proxy();
    const client = createClient({ config: { server: target.url, proxyUrl: `http://${host}` } });
    open.push(client);
    await expect(client.raw('GET', '/version')).rejects.toMatchObject({ code: 'TlsFailed', requestSent: false });
  });

  it('says that the proxy refuses, or is not there, without its password', async () => {
    const target = await server();
    const { host } = await proxy(true);
    for (const proxyUrl of [`http://me:pw@${host}`, 'http://me:pw@127.0.0.1:9']) {
      const client = createClient({ config: { server: target.url, tls: { ca: target.ca }, proxyUrl } });
      open.push(client);
      const error = await client.raw('POST', '/x', { body: '{}' }).catch((e) => e);
      expect(error).toMatchObject({ code: 'ConnectFailed', requestSent: false });
      expect(error.message).toContain('through the proxy');
      expect(error.message).not.toContain('pw');
    }
  });

  it('ends requests when it is closed', async () => {
    const target = await server();
    const { host } = await proxy();
    const client = createClient({ config: { server: target.url, tls: { ca: target.ca }, proxyUrl: `http://${host}` } });
    const reading = client.raw('GET', '/watch').catch((error) => error);
    await expect.poll(() => target.sockets.length).toBe(1);
    await client.close();
    expect((await reading).name).toBe('ConnectionError');
    await expect(client.raw('GET', '/')).rejects.toMatchObject({ code: 'Closed' });
  });
});
