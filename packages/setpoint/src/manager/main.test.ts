import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const program = join(import.meta.dirname, '../../test/programs/operator.ts');

/** Answers lists of Sleepers with one object and holds every watch open; with `silent`, answers nothing but that it is there. */
function apiServer(mode: 'silent' | 'willing' | 'stubborn'): Promise<Server> {
  const item = {
    metadata: { name: 's', namespace: 'default', uid: 'u', resourceVersion: '5' },
    spec: { stubborn: mode === 'stubborn' },
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (mode === 'silent' && url.pathname !== '/version') return;
    if (!url.pathname.endsWith('/sleepers')) {
      response
        .writeHead(404, { 'content-type': 'application/json' })
        .end('{"kind":"Status","apiVersion":"v1","code":404,"reason":"NotFound"}');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    const list = {
      apiVersion: 'test.example.com/v1',
      kind: 'SleeperList',
      metadata: { resourceVersion: '5' },
      items: [item],
    };
    if (!url.searchParams.has('watch')) response.end(JSON.stringify(list));
    else if (url.searchParams.has('sendInitialEvents')) {
      const object = { apiVersion: 'test.example.com/v1', kind: 'Sleeper', ...item };
      const metadata = { resourceVersion: '5', annotations: { 'k8s.io/initial-events-end': 'true' } };
      response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { ...object, metadata } })}\n`);
    } else response.flushHeaders();
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function run(server: Server | undefined, ...argv: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'setpoint-main-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const port = server ? (server.address() as AddressInfo).port : 1;
  await writeFile(
    kubeconfig,
    `{"clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:${port}"}}],"users":[{"name":"u","user":{"token":"very-secret"}}],"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}`,
  );
  const off = ['--metrics-bind-address=0', '--health-probe-bind-address=0', '--log-format=json'];
  const child = spawn(process.execPath, ['--no-warnings', program, '--kubeconfig', kubeconfig, ...off, ...argv]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const said = async (text: string) => {
    while (!output.includes(text)) {
      const more = await Promise.race([
        exited,
        new Promise((resolve) => child.stdout.once('data', () => resolve('more'))),
      ]);
      if (more !== 'more') throw new Error(`ended without saying ${text}: ${output}`);
    }
  };
  return { child, exited, said, output: () => output };
}

const kill = (child: ChildProcess, signal: NodeJS.Signals) => child.kill(signal);

// Each is a process of its own, which loads everything from source: slow on a busy machine.
describe.concurrent('an operator as a program', { timeout: 60_000 }, () => {
  const servers: Partial<Record<'silent' | 'willing' | 'stubborn', Server>> = {};
  beforeAll(async () => {
    for (const mode of ['silent', 'willing', 'stubborn'] as const) servers[mode] = await apiServer(mode);
  });
  afterAll(() => {
    for (const server of Object.values(servers)) {
      server.closeAllConnections();
      server.close();
    }
  });

  test('exits 2 for flags that make no sense, in one sentence', async () => {
    const [unknown, elect] = await Promise.all([
      run(undefined, '--frobnicate'),
      run(undefined, '--leader-elect', '--leader-elect-retry-period=10s'),
    ]);
    expect([await unknown.exited, unknown.output()]).toEqual([
      2,
      'sleeper-operator: unknown flag --frobnicate; --help lists what there is\n',
    ]);
    expect([await elect.exited, elect.output()]).toEqual([
      2,
      'sleeper-operator: leader election: the renew deadline (10000 ms) must be longer than 1.2 retry periods (of 10000 ms)\n',
    ]);
  });

  test('exits 1 at once when there is no server, in one sentence', async () => {
    const { exited, output } = await run(undefined);
    expect(await exited).toBe(1);
    expect(output()).toContain('cannot connect to 127.0.0.1:1: nothing listens there (connection refused)');
    expect(output()).not.toContain('    at ');
  });

  test('stops during its start on the first signal, with exit code 0 and without a secret in its log', async () => {
    const { child, exited, said, output } = await run(servers.silent);
    await said('Starting Controller');
    kill(child, 'SIGINT');
    expect(await exited).toBe(0);
    expect(output()).not.toContain('very-secret');
  });

  test('drains a running pass on the first signal', async () => {
    const { child, exited, said, output } = await run(servers.willing);
    await said('sleeping');
    kill(child, 'SIGTERM');
    expect(await exited).toBe(0);
    expect(output()).toContain('All workers finished');
  });

  test('ends at once on the second signal, with exit code 1', async () => {
    const { child, exited, said } = await run(servers.stubborn);
    await said('sleeping');
    kill(child, 'SIGTERM');
    await said('waiting for all workers to finish');
    kill(child, 'SIGTERM');
    expect(await exited).toBe(1);
  });

  test('gives up a stubborn pass after the drain time-out', async () => {
    const { child, exited, said, output } = await run(servers.stubborn, '--graceful-shutdown-timeout=200ms');
    await said('sleeping');
    kill(child, 'SIGTERM');
    expect(await exited).toBe(0);
    expect(output()).toContain('passes did not finish in time');
  });

  test('exits 1 when it has no cluster to talk to, saying why', async () => {
    const { exited, output } = await run(undefined, '--context', 'nowhere');
    expect(await exited).toBe(1);
    expect(output()).toMatch(/"level":"error".*the operator has failed: .*nowhere/);
  });
});
