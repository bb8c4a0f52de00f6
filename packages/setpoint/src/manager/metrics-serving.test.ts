import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from '@setpoint/apimachinery/certificates';
import { FakeClock } from '@setpoint/apimachinery/clock';
import { describe, expect, test } from 'vitest';
import { FakeApi } from '../../test/fake/fake-api.ts';
import { type LogLine, recordingLog } from '../../test/fake/operator.ts';
import type { Client } from '../client/index.ts';
import { rulesFor } from '../manifests/index.ts';
import { operator, secureMetricsNeeds } from './index.ts';
import { ScrapeAccess } from './scrape-access.ts';
import type { ManagerOptions } from './types.ts';

/** An API server that knows the token `good` of somebody who may read /metrics, and `poor` of somebody who may not. */
function reviewer() {
  const asked: { path: string; spec: Record<string, unknown> }[] = [];
  let broken = false;
  const raw: Client['raw'] = async (_, path, options) => {
    if (broken) throw new Error('down');
    const { spec } = JSON.parse(String(options?.body));
    asked.push({ path, spec });
    const status = path.endsWith('tokenreviews')
      ? spec.token === 'bad'
        ? { authenticated: false }
        : { authenticated: true, user: { username: spec.token, groups: ['g'] } }
      : { allowed: spec.user === 'good' };
    return { status: 201, headers: {}, body: Buffer.from(JSON.stringify({ status })) };
  };
  const client = { ...new FakeApi().client, raw } as Client;
  return { client, asked, breakDown: () => (broken = true) };
}

describe('who may scrape', () => {
  const signal = new AbortController().signal;
  function access() {
    const api = reviewer();
    const clock = new FakeClock();
    const lines: LogLine[] = [];
    const judge = new ScrapeAccess({ client: () => api.client, clock, log: recordingLog(lines) });
    const ask = async (authorization?: string) => (await judge.judge(authorization, '/metrics', 'get', signal)).status;
    return { ...api, clock, lines, ask };
  }

  test('is who has a token that the API server knows, and the right to get /metrics', async () => {
    const { ask, asked } = access();
    expect([await ask('Bearer good'), await ask('Bearer poor'), await ask('Bearer bad')]).toEqual([200, 403, 401]);
    expect([await ask(undefined), await ask('Basic Z29vZA==')]).toEqual([401, 401]);
    expect(asked.slice(0, 2)).toEqual([
      { path: '/apis/authentication.k8s.io/v1/tokenreviews', spec: { token: 'good' } },
      {
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        spec: { user: 'good', groups: ['g'], nonResourceAttributes: { path: '/metrics', verb: 'get' } },
      },
    ]);
  });

  test('is asked once a minute for each token, and every five minutes for each right; a refusal is kept half a minute', async () => {
    const { ask, asked, clock } = access();
    const requests = async (authorization: string) => {
      asked.length = 0;
      await ask(authorization);
      return asked.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
    };
    expect(await requests('Bearer good')).toEqual(['tokenreviews', 'subjectaccessreviews']);
    expect(await requests('Bearer good')).toEqual([]);
    await clock.advance(61_000);
    expect(await requests('Bearer good')).toEqual(['tokenreviews']);
    await clock.advance(240_000);
    expect(await requests('Bearer good')).toEqual(['tokenreviews', 'subjectaccessreviews']);
    await requests('Bearer poor');
    await clock.advance(31_000);
    expect(await requests('Bearer poor')).toEqual(['subjectaccessreviews']);
  });

  test('cannot be told when the API server cannot be asked: the log says what that takes, and no token', async () => {
    const { ask, breakDown, lines } = access();
    breakDown();
    expect(await ask('Bearer good')).toBe(500);
    expect(JSON.stringify(lines)).toContain('the operator needs to create tokenreviews and subjectaccessreviews');
    expect(JSON.stringify(lines)).not.toContain('"good"');
  });

  test('takes rules that can be put into the operator’s role', () => {
    expect(rulesFor(secureMetricsNeeds()).cluster).toEqual([
      { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
    ]);
  });
});

function get(port: number, token?: string, ca?: string): Promise<{ status: number; text: string }> {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const options = { host: '127.0.0.1', port, path: '/metrics', headers, ca, rejectUnauthorized: ca !== undefined };
  return new Promise((resolve, reject) => {
    const request = https.get({ ...options, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
  });
}

async function served(metrics: ManagerOptions['metrics'], check: (port: number) => Promise<void>): Promise<void> {
  const { client } = reviewer();
  await using manager = operator({}).manager({ client, metricsBindAddress: '127.0.0.1:0', metrics });
  const running = manager.run();
  await manager.started;
  await check(manager.addresses.metrics?.port ?? 0);
  manager.stop();
  await running;
}

describe('secured metrics', () => {
  test('are served over HTTPS with a certificate of the process itself', () =>
    served({ secure: true }, async (port) => {
      expect((await get(port)).status).toBe(401);
      expect((await get(port, 'poor')).text).toBe('Forbidden: poor may not get the nonResourceURL /metrics\n');
      expect((await get(port, 'good')).text).toContain('process_cpu_seconds_total');
    }));

  test('or with one from files', async () => {
    const authority = createCertificateAuthority('test');
    const folder = mkdtempSync(join(tmpdir(), 'setpoint-metrics-'));
    try {
      const pair = authority.issueServer(['127.0.0.1']);
      writeFileSync(join(folder, 'tls.crt'), pair.certificate);
      writeFileSync(join(folder, 'tls.key'), pair.key);
      await served({ secure: true, certificates: { folder } }, async (port) =>
        expect((await get(port, 'good', authority.certificate)).status).toBe(200),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
