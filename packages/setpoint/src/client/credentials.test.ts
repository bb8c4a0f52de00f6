import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { FakeClock } from '@setpoint/apimachinery/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testCertificate, testKey } from '../../test/loopback/certificate.ts';
import { loopbackServer } from '../../test/loopback/server.ts';
import { createClient } from './create-client.ts';
import { credentialsOf } from './credentials.ts';
import type { ExecAuthentication } from './kubeconfig/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'setpoint-credentials-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const server = 'https://127.0.0.1:1';

describe('impersonation', () => {
  it('adds its header fields to every request', async () => {
    const credentials = credentialsOf(
      {
        server,
        auth: { type: 'basic', username: 'me', password: 'pass' },
        impersonate: { user: 'jane', uid: '7', groups: ['a', 'b'], extra: { 'Example.com/Scope': ['x', 'y'] } },
      },
      { clock: new FakeClock(), onCertificate: () => undefined },
    );
    expect(await credentials.headers(signal)).toEqual({
      authorization: 'Basic bWU6cGFzcw==',
      'impersonate-user': 'jane',
      'impersonate-uid': '7',
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-example.com%2fscope': ['x', 'y'],
    });
  });
});

describe('a token file', () => {
  it('is read again after a minute, and after a 401', async () => {
    const file = path.join(folder, 'token');
    await writeFile(file, 'one\n');
    const clock = new FakeClock();
    const credentials = credentialsOf(
      { server, auth: { type: 'tokenFile', path: file } },
      { clock, onCertificate: () => undefined },
    );
    expect(await credentials.headers(signal)).toEqual({ authorization: 'Bearer one' });
    await writeFile(file, 'two');
    await clock.advance(59_000);
    const stale = await credentials.headers(signal);
    expect(stale).toEqual({ authorization: 'Bearer one' });
    await clock.advance(1_000);
    expect(await credentials.headers(signal)).toEqual({ authorization: 'Bearer two' });
    expect(await credentials.renew(await credentials.headers(signal), signal)).toBe(false);
    await writeFile(file, 'three');
    expect(await credentials.renew({ authorization: 'Bearer two' }, signal)).toBe(true);
    await rm(file);
    await clock.advance(60_000);
    expect(await credentials.headers(signal)).toEqual({ authorization: 'Bearer three' });
  });

  it('that is missing from the start is an error that names it', async () => {
    const credentials = credentialsOf(
      { server, auth: { type: 'tokenFile', path: '/nonexistent/token' } },
      { clock: new FakeClock(), onCertificate: () => undefined },
    );
    await expect(credentials.headers(signal)).rejects.toThrow(/^cannot read the token file \/nonexistent\/token/);
  });
});

describe('an exec plugin', () => {
  /** A plugin that counts its runs in `count` and prints the status it is given as a function of the count. */
  async function plugin(status: string, more: Partial<ExecAuthentication> = {}): Promise<ExecAuthentication> {
    const script = path.join(folder, 'plugin.sh');
    await writeFile(
      script,
      `#!/bin/sh
n=$(cat ${folder}/count 2>/dev/null || echo 0); n=$((n+1)); echo $n > ${folder}/count
printf '%s' "$KUBERNETES_EXEC_INFO" > ${folder}/info
${status}
`,
    );
    await chmod(script, 0o755);
    return {
      type: 'exec',
      apiVersion: 'client.authentication.k8s.io/v1',
      command: script,
      args: [],
      env: {},
      provideClusterInfo: false,
      interactiveMode: 'Never',
      ...more,
    };
  }
  const print = (status: string) =>
    `cat <<END\n{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":${status}}\nEND`;
  const runs = async () => Number(await readFile(path.join(folder, 'count'), 'utf8'));

  it('runs once for all who wait, and again when its credential is about to expire', async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 1));
    const auth = await plugin(print('{"token":"t$n","expirationTimestamp":"2026-01-01T00:10:00Z"}'));
    const credentials = credentialsOf({ server, auth }, { clock, onCertificate: () => undefined });
    const all = await Promise.all([1, 2, 3].map(() => credentials.headers(signal)));
    expect(all[2]).toEqual({ authorization: 'Bearer t1' });
    await clock.advance(9 * 60_000);
    await credentials.headers(signal);
    expect(await runs()).toBe(1);
    await clock.advance(55_000);
    expect(await credentials.headers(signal)).toEqual({ authorization: 'Bearer t2' });
  });

  it('runs again after a 401, but not for a request made before the last run', async () => {
    const auth = await plugin(print('{"token":"t$n"}'));
    const credentials = credentialsOf({ server, auth }, { clock: new FakeClock(), onCertificate: () => undefined });
    const first = await credentials.headers(signal);
    expect(await credentials.renew(first, signal)).toBe(true);
    expect(await credentials.renew(first, signal)).toBe(true);
    expect(await runs()).toBe(2);
  });

  it('is told about the cluster if it asks to be, and gets its environment', async () => {
    const auth = await plugin(print('{"token":"$EXTRA"}'), {
      env: { EXTRA: 'from-env' },
      provideClusterInfo: true,
      clusterConfig: { audience: 'x' },
    });
    const credentials = credentialsOf(
      { server, auth, tls: { ca: 'CA', serverName: 'api.test' } },
      { clock: new FakeClock(), onCertificate: () => undefined },
    );
    expect(await credentials.headers(signal)).toEqual({ authorization: 'Bearer from-env' });
    expect(JSON.parse(await readFile(path.join(folder, 'info'), 'utf8'))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: {
          server,
          'tls-server-name': 'api.test',
          'certificate-authority-data': Buffer.from('CA').toString('base64'),
          config: { audience: 'x' },
        },
      },
    });
  });

  it.each([
    ['echo no json', /printed something that is not JSON$/],
    ['echo secret-token; echo nope >&2; exit 3', /ended with exit code 3: nope$/],
    [print('{}'), /printed neither a token nor a client certificate with its key$/],
    [
      print('{"token":"x"}').replace('/v1"', '/v1beta1"'),
      /did not print an ExecCredential of client\.authentication\.k8s\.io\/v1$/,
    ],
  ])('that fails is an error without secrets: %s', async (script, message) => {
    const auth = await plugin(script);
    const credentials = credentialsOf({ server, auth }, { clock: new FakeClock(), onCertificate: () => undefined });
    const error = await credentials.headers(signal).catch((e) => e);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret-token');
  });

  it('that is not installed is an error with its install hint', async () => {
    const auth = await plugin('', { command: 'setpoint-no-such-plugin', installHint: 'Install it from example.com' });
    const credentials = credentialsOf({ server, auth }, { clock: new FakeClock(), onCertificate: () => undefined });
    await expect(credentials.headers(signal)).rejects.toThrow(
      'the credential plugin setpoint-no-such-plugin was not found: Install it from example.com',
    );
  });

  it('brings client certificates, which open new connections', async () => {
    const seen: boolean[] = [];
    const loopback = await loopbackServer(
      (request, response) => {
        const socket = request.stream.session?.socket as { getPeerCertificate?(): { subject?: object } } | undefined;
        seen.push(Object.keys(socket?.getPeerCertificate?.() ?? {}).length > 0);
        response.end('{}');
      },
      { requestCert: true },
    );
    const auth = await plugin(
      print(
        `{"clientCertificateData":${JSON.stringify(testCertificate)},"clientKeyData":${JSON.stringify(testKey)}}`,
      ).replaceAll('\\n', '\\\\n'),
    );
    await using client = createClient({ config: { server: loopback.url, tls: { ca: loopback.ca }, auth } });
    await client.raw('GET', '/version');
    expect(seen).toEqual([true]);
    await client.close();
    await loopback.close();
  });
});
