// biome-ignore-all lint/suspicious/noExplicitAny: tests look into objects of every kind.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from '@setpoint/apimachinery/certificates';
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

async function start(certificates: any, validate: (object: any) => any = () => ['no'], port = 0): Promise<WebhookHost> {
  return WebhookHost.start({
    name: 'test',
    webhooks: [webhook(Widget, { validate })],
    crds: [],
    address: { host: '127.0.0.1', port },
    certificates,
    client: undefined as never,
    clock,
    log: recordingLog(lines),
  });
}

function post(body: string | Buffer, ca = authority.certificate): Promise<{ status: number; body: any }> {
  return new Promise((resolve, reject) => {
    const { port } = (host as WebhookHost).address;
    const headers = { 'content-type': 'application/json' };
    const request = https.request(
      { host: '127.0.0.1', port, path, method: 'POST', ca, headers, agent: false },
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
