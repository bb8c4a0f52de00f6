import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import { FlagError, type GivenFlags, parseFlags, switchOf } from '../flags/index.ts';
import type { Output } from '../output.ts';
import { untilAborted } from '../stop.ts';
import { etcdForms, etcdHelp, refusedEtcdFlags } from './etcd-flags.ts';
import { answerKeyValue, EtcdError } from './key-value.ts';
import { linkPath, linkProtocol } from './link.ts';
import { StorageLink } from './storage-link.ts';

/** The release whose face this shows. */
const etcdVersion = '3.6.8';

/**
 * Stands where etcd stands: health, single keys, and a data folder for the API server that links to it.
 *
 * @throws FlagError for a flag it cannot take; Error when an address is in use
 */
export async function etcd(argv: readonly string[], output: Output, stop: () => AbortSignal): Promise<void> {
  if (argv.some((argument) => /^--?h(elp)?$/.test(argument))) return output.out(`Usage: etcd [flags]\n\n${etcdHelp()}`);
  if (argv.some((argument) => /^--?version$/.test(argument))) return output.out(`etcd Version: ${etcdVersion}\n`);
  // Go's own flags may begin with one dash.
  const flags = parseFlags(
    argv.map((argument) => argument.replace(/^-(?=[a-z])/, '--')),
    etcdForms,
  );
  for (const name of flags.names()) {
    if (refusedEtcdFlags.has(name) && !['', 'false'].includes(flags.last(name) ?? ''))
      throw new FlagError(`--${name} is not available: this etcd serves http to the API server beside it`);
  }
  const clients = urlsOf(flags, 'listen-client-urls', 'http://localhost:2379');
  const peers = urlsOf(flags, 'listen-peer-urls', 'http://localhost:2380');
  const folder = resolve(flags.last('data-dir') || `${flags.last('name') || 'default'}.etcd`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const welcome = { dataDir: resolve(folder, 'setpoint'), fsync: switchOf(flags, 'unsafe-no-fsync') !== true };

  const link = new StorageLink(welcome);
  const sockets = new Set<Duplex>();
  const servers: Server[] = [];
  try {
    for (const url of peers) servers.push(await listen(url, sockets, (_, response) => plain(response, 404)));
    for (const url of clients) {
      const server = await listen(url, sockets, (request, response) => void answer(request, response, link));
      server.on('upgrade', (request, socket, head) => upgrade(request, socket, head, link));
      servers.push(server);
    }
    output.err(`etcd: serving ${clients.map(({ origin }) => origin).join(', ')}\n`);
    await untilAborted(stop());
  } finally {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  }
}

function urlsOf(flags: GivenFlags, name: string, usual: string): readonly URL[] {
  const texts = flags.has(name) ? flags.list(name) : [usual];
  return texts.map((text) => {
    const url = URL.parse(text);
    if (url?.protocol !== 'http:')
      throw new FlagError(`--${name}: ${text} is not available: it must be a URL such as http://127.0.0.1:2379`);
    return url;
  });
}

function listen(
  url: URL,
  sockets: Set<Duplex>,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(handler);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(url.port || 80), url.hostname.replace(/^\[|\]$/g, ''), () => {
      server.off('error', reject);
      resolve(server);
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, link: StorageLink): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?');
  try {
    switch (path) {
      case '/health':
        return json(response, 200, { health: 'true', reason: '' });
      case '/livez':
      case '/readyz':
        return plain(response, 200, 'ok');
      case '/version':
        return json(response, 200, { etcdserver: etcdVersion, etcdcluster: '3.6.0', storage: '3.6.0' });
      default:
        if (!path.startsWith('/v3/')) return plain(response, 404);
        return json(response, 200, await answerKeyValue(request, path, link));
    }
  } catch (error) {
    const [status, code] = error instanceof EtcdError ? [error.status, error.code] : [500, 13];
    json(response, status, { code, message: (error as Error).message, details: [] });
  }
}

function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, link: StorageLink): void {
  socket.on('error', () => socket.destroy());
  const refuse = (status: string, message: string) =>
    socket.end(`HTTP/1.1 ${status}\r\ncontent-length: ${message.length}\r\nconnection: close\r\n\r\n${message}`);
  if (request.url !== linkPath || request.headers.upgrade !== linkProtocol)
    return void refuse('404 Not Found', 'there is nothing here');
  if (link.taken)
    return void refuse('409 Conflict', 'another kube-apiserver has its objects here; start an etcd for each');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${linkProtocol}\r\n\r\n`);
  link.take(socket, head);
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function plain(response: ServerResponse, status: number, text = '404 page not found'): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
