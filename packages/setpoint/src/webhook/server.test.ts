// biome-ignore-all lint/suspicious/noExplicitAny: tests look into objects of every kind.

import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { createCertificateAuthority, type KeyPair } from '@setpoint/apimachinery/certificates';
import { FakeClock } from '@setpoint/apimachinery/clock';
import { afterEach, describe, expect, it } from 'vitest';
import { Widget } from '../../test/fake/kinds.ts';
import { type LogLine, recordingLog } from '../../test/fake/operator.ts';
import { WebhookHost } from './host.ts';
import { webhook } from './index.ts';

const authority = createCertificateAuthority('test');
const path = '/validate-test-example-com-v1-widget';
const review = (size: number) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u1',
    operation: 'CREATE',
    kind: { group: 'test.example.com', version: 'v1', kind: 'Widget' },
    object: { apiVersion: 'test.example.com/v1', kind: 'Widget', metadata: { name: 'a' }, spec: { size } },
  },
});

const lines: LogLine[] = [];
const clock = new FakeClock();
let host: WebhookHost | undefined;
const abandoned = AbortSignal.abort();
afterEach(() => host?.close(abandoned));

async function start(
  certificates: any,
  validate: (object: any) => any = () => ['no'],
  port = 0,
  clientCaFile?: string,
): Promise<WebhookHost> {
  return WebhookHost.start({
    name: 'test',
    webhooks: [webhook(Widget, { validate })],
    crds: [],
    address: { host: '127.0.0.1', port },
    certificates,
    clientCaFile,
    client: undefined as never,
    clock,
    log: recordingLog(lines),
  });
}

function post(
  body: string | Buffer,
  ca = authority.certificate,
  client: object = {},
): Promise<{ status: number; body: any }> {
  return new Promise((resolve, reject) => {
    const { port } = (host as WebhookHost).address;
    const headers = { 'content-type': 'application/json' };
    const request = https.request(
      { host: '127.0.0.1', port, path, method: 'POST', ca, headers, agent: false, ...client },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

describe('a webhook server', () => {
  it('answers over HTTP/1.1 and HTTP/2', async () => {
    host = await start(authority.issueServer(['127.0.0.1']));
    host.ready();
    expect((await post(JSON.stringify(review(1)))).body.response.allowed).toBe(false);
    const session = http2.connect(`https://127.0.0.1:${host.address.port}`, { ca: authority.certificate });
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/json' });
    stream.end(JSON.stringify(review(1)));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    expect(JSON.parse(Buffer.concat(chunks).toString()).response.uid).toBe('u1');
    session.destroy();
  });

  it('reads no more than 7 MiB', async () => {
    host = await start(authority.issueServer(['127.0.0.1']));
    const answer = await post(Buffer.alloc(8 * 1024 * 1024, 32)).catch((error) => error.code);
    expect(typeof answer === 'string' ? 'ended' : answer.status).toSatisfy(
      (one: unknown) => one === 413 || one === 'ended',
    );
    expect((await post(JSON.stringify(review(1)))).status).toBe(200);
  });

  it.each(['http/1.1', 'h2'] as const)(
    'answers a body without end over %s, and waits for no more of it',
    async (protocol) => {
      host = await start(authority.issueServer(['127.0.0.1']));
      const url = `https://127.0.0.1:${host.address.port}`;
      const headers = { 'content-type': 'application/json' };
      let sent = 0;
      const flood = Readable.from(
        (async function* () {
          for (;;) {
            yield Buffer.alloc(64 * 1024, 32);
            sent += 64 * 1024;
            await new Promise((resolve) => setImmediate(resolve));
          }
        })(),
      );
      const session = protocol === 'h2' ? http2.connect(url, { ca: authority.certificate }) : undefined;
      const stream =
        session?.request({ ...headers, ':method': 'POST', ':path': path }) ??
        https.request(url + path, { method: 'POST', ca: authority.certificate, headers, agent: false });
      let status: unknown;
      stream.on('response', (answer: any) => {
        status = answer[':status'] ?? answer.statusCode;
        ((session ? stream : answer) as Readable).resume();
      });
      // An answer may get lost when the connection ends with bytes that nobody has read.
      stream.on('error', () => {
        status ??= 413;
      });
      const closed = new Promise((resolve) => stream.on('close', resolve));
      flood.pipe(stream as Writable);
      await closed;
      flood.destroy();
      session?.destroy();
      expect(status).toBe(413);
      expect(sent).toBeLessThan(64 * 1024 * 1024);
      expect((await post(JSON.stringify(review(1)))).status).toBe(200);
    },
  );

  it('answers others while one request never ends, and closes when its time is up', async () => {
    host = await start(authority.issueServer(['127.0.0.1']), ({ spec }) =>
      spec.size === 0 ? new Promise(() => {}) : [],
    );
    const hanging = post(JSON.stringify(review(0))).catch(() => 'ended');
    expect((await post(JSON.stringify(review(1)))).body.response.allowed).toBe(true);
    await host.close(abandoned);
    expect(await hanging).toBe('ended');
    host = undefined;
  });

  it('says when its port is in use', async () => {
    host = await start(authority.issueServer(['127.0.0.1']));
    await expect(start(authority.issueServer(['127.0.0.1']), undefined, host.address.port)).rejects.toThrow(
      `cannot serve webhooks on 127.0.0.1:${host.address.port}: the port is in use`,
    );
  });

  it('takes certificates from files, new ones while it runs, and none that do not belong together', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'setpoint-webhook-'));
    try {
      host = await start({ folder });
      expect(() => host?.ready()).toThrow('no certificate');
      const write = (pair: { certificate: string; key: string }) => {
        writeFileSync(join(folder, 'tls.crt'), pair.certificate);
        writeFileSync(join(folder, 'tls.key'), pair.key);
      };
      write(authority.issueServer(['127.0.0.1']));
      await until(clock, () => (host as any).ready());
      expect((await post(JSON.stringify(review(1)))).status).toBe(200);
      writeFileSync(join(folder, 'tls.key'), authority.issueServer(['127.0.0.1']).key);
      await until(clock, () => expect(lines.at(-1)?.message).toContain('does not belong'));
      expect((await post(JSON.stringify(review(1)))).status).toBe(200);
      const other = createCertificateAuthority('other');
      write(other.issueServer(['127.0.0.1']));
      await until(clock, () => post(JSON.stringify(review(1)), other.certificate));
      expect(JSON.stringify(lines)).not.toContain('PRIVATE');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('follows the links of a mounted Secret, and serves on while the files are away', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'setpoint-webhook-'));
    /** As the kubelet does it: the new files are there as a whole, or not yet. */
    const publish = (name: string, { certificate, key }: { certificate: string; key: string }) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'tls.crt'), certificate);
      writeFileSync(join(folder, name, 'tls.key'), key);
      symlinkSync(name, join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    try {
      publish('..1', authority.issueServer(['127.0.0.1']));
      for (const file of ['tls.crt', 'tls.key']) symlinkSync(join('..data', file), join(folder, file));
      host = await start({ folder });
      await until(clock, () => post(JSON.stringify(review(1))));
      const second = createCertificateAuthority('second');
      publish('..2', second.issueServer(['127.0.0.1']));
      rmSync(join(folder, '..1'), { recursive: true });
      await until(clock, () => post(JSON.stringify(review(1)), second.certificate));
      rmSync(join(folder, '..data'));
      await until(clock, () => expect(lines.at(-1)?.message).toContain('cannot be used'));
      expect((await post(JSON.stringify(review(1)), second.certificate)).status).toBe(200);
      const third = createCertificateAuthority('third');
      publish('..3', third.issueServer(['127.0.0.1']));
      await until(clock, () => post(JSON.stringify(review(1)), third.certificate));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('answers only callers that one of the given authorities vouches for, whatever its own certificate is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'setpoint-webhook-'));
    const [callers, strangers] = [createCertificateAuthority('callers'), createCertificateAuthority('strangers')];
    const clientCaFile = join(folder, 'ca.crt');
    const from = ({ certificate: cert, key }: KeyPair) => ({ cert, key });
    const refused = (client: object) =>
      expect(post(JSON.stringify(review(1)), undefined, client)).rejects.toThrow(/alert|ECONNRESET|hang up|EPIPE/);
    try {
      writeFileSync(clientCaFile, 'nothing');
      await expect(start(authority.issueServer(['127.0.0.1']), undefined, 0, clientCaFile)).rejects.toThrow(
        'no certif',
      );
      writeFileSync(clientCaFile, callers.certificate);
      host = await start({ folder }, undefined, 0, clientCaFile);
      for (const serving of [authority.issueServer(['127.0.0.1']), authority.issueServer(['127.0.0.1'])]) {
        writeFileSync(join(folder, 'tls.crt'), serving.certificate);
        writeFileSync(join(folder, 'tls.key'), serving.key);
        await until(clock, () => post(JSON.stringify(review(1)), undefined, from(callers.issueClient('api', []))));
        await refused(from(strangers.issueClient('api', [])));
        await refused({});
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Files are read by the system, which the clock does not wait for. */
async function until(clock: FakeClock, works: () => unknown): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await clock.advance(10_000);
    try {
      await works();
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
