import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, type TestContext, test, vi } from 'vitest';

const program = join(import.meta.dirname, '../../test/programs/phases.ts');

type Path = 'releases' | 'version' | 'discovery' | 'secrets' | 'sleepers' | 'leases' | 'renewals' | 'other';

function pathOf({ url = '', method }: IncomingMessage): Path {
  if (url === '/version') return 'version';
  if (url.includes('/secrets')) return 'secrets';
  if (url.includes('/sleepers')) return 'sleepers';
  if (url === '/api' || url === '/apis') return 'discovery';
  if (url.includes('/leases')) return method === 'PUT' ? 'renewals' : 'leases';
  return 'other';
}

/** Answers what an operator asks at its start, but for the paths it is deaf to. `holder` has the lease; else it is free. */
async function apiServer(
  { onTestFinished }: TestContext,
  options: { deaf?: readonly Path[]; forbidden?: boolean; holder?: string; thief?: string; stubborn?: boolean },
) {
  const asked = new Map<Path, () => void>();
  let isTaken = false;
  const server = createServer((request, response) => {
    const path = pathOf(request);
    asked.get(path)?.();
    if (!options.deaf?.includes(path)) answer(path, request, response);
  });
  function answer(path: Path, request: IncomingMessage, response: ServerResponse): void {
    const json = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const metadata = { name: 's', namespace: 'default', uid: 'u', resourceVersion: '5' };
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.searchParams.has('watch') && !url.searchParams.has('sendInitialEvents')) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    } else if (path === 'sleepers' && options.forbidden) {
      json(403, { kind: 'Status', apiVersion: 'v1', code: 403, reason: 'Forbidden', message: 'no' });
    } else if (path === 'sleepers') {
      const kind = { apiVersion: 'test.example.com/v1', kind: 'Sleeper' };
      const object = { ...kind, metadata, spec: { stubborn: options.stubborn ?? false } };
      const end = { ...kind, metadata: { resourceVersion: '5', annotations: { 'k8s.io/initial-events-end': 'true' } } };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(
        `${JSON.stringify({ type: 'ADDED', object })}\n${JSON.stringify({ type: 'BOOKMARK', object: end })}\n`,
      );
    } else if (path === 'leases' || path === 'renewals') {
      const renewTime = new Date().toISOString().replace('Z', '000Z');
      const holder = isTaken ? options.thief : options.holder;
      const spec = { holderIdentity: holder ?? '', leaseDurationSeconds: 3600, renewTime };
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { ...metadata, name: 'l' }, spec };
      if (path === 'leases') json(200, lease);
      else if (isTaken)
        json(409, { kind: 'Status', apiVersion: 'v1', code: 409, reason: 'Conflict', message: 'taken' });
      else void replaced(request, lease, options.deaf ?? []).then((given) => given && json(200, given));
    } else if (path === 'discovery') discover(url, response);
    else if (path === 'version') json(200, {});
    else json(404, { kind: 'Status', apiVersion: 'v1', code: 404, reason: 'NotFound' });
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    whenAsked: (path: Path) => new Promise<void>((resolve) => asked.set(path, resolve)),
    steal() {
      isTaken = true;
    },
  };
}

/** What a PUT leaves behind; undefined for a release that it is deaf to. */
async function replaced(request: IncomingMessage, lease: object, deaf: readonly Path[]): Promise<object | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { spec } = JSON.parse(Buffer.concat(chunks).toString());
  return spec.holderIdentity || !deaf.includes('releases') ? { ...lease, spec } : undefined;
}

function discover({ pathname }: URL, response: ServerResponse): void {
  const resource = (name: string, plural: string, kind: string) => ({
    metadata: { name },
    versions: [
      {
        version: 'v1',
        resources: [
          {
            resource: plural,
            responseKind: { group: '', version: '', kind },
            scope: 'Namespaced',
            singularResource: kind.toLowerCase(),
            verbs: ['get', 'list', 'watch', 'create', 'update'],
          },
        ],
      },
    ],
  });
  const items =
    pathname === '/api' ? [resource('', 'secrets', 'Secret')] : [resource('coordination.k8s.io', 'leases', 'Lease')];
  const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const list = { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
  response.writeHead(200, { 'content-type': type }).end(JSON.stringify(list));
}

/** Starts the program; answers when it has said the text. */
async function start(context: TestContext, port: number, ...argv: string[]) {
  return startWith({}, context, port, ...argv);
}

async function startWith(
  env: Readonly<Record<string, string>>,
  { onTestFinished }: TestContext,
  port: number,
  ...argv: string[]
) {
  const { USER: user = '{}', ...rest } = env;
  const folder = await mkdtemp(join(tmpdir(), 'setpoint-signals-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(
    kubeconfig,
    `{"clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:${port}"}}],"users":[{"name":"u","user":${user}}],"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}`,
  );
  const off = ['--metrics-bind-address=0', '--health-probe-bind-address=0', '--webhook-bind-address=0'];
  const flags = ['--kubeconfig', kubeconfig, '--log-format=json', '--graceful-shutdown-timeout=1s', ...off, ...argv];
  const child = spawn(process.execPath, ['--no-warnings', program, ...flags], { env: { ...process.env, ...rest } });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  let heard = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
      heard();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const said = async (text: string) => {
    while (!output.includes(text)) {
      const news = new Promise<'news'>((resolve) => (heard = () => resolve('news')));
      if ((await Promise.race([news, exited])) !== 'news') throw new Error(`ended without saying ${text}: ${output}`);
    }
  };
  /** How it ends, and after how many milliseconds. */
  const end = async () => {
    const began = performance.now();
    child.kill('SIGTERM');
    const code = await exited;
    return { code, milliseconds: performance.now() - began, output };
  };
  return { said, end, exited, output: () => output };
}

/** The drain, and what a busy machine makes of it. */
const inTime = 9000;

// Each is a process of its own, which loads everything from source: slow on a busy machine.
describe.concurrent('SIGTERM ends an operator within its time', { timeout: 120_000 }, () => {
  const leader = ['--leader-elect', '--leader-election-namespace=default'];

  test('while the API server does not answer at all', async (context) => {
    const api = await apiServer(context, { deaf: ['version'] });
    const asked = api.whenAsked('version');
    const { end } = await start(context, api.port);
    await asked;
    expect(await end()).toMatchObject({ code: 0, milliseconds: expect.toSatisfy((time) => time < inTime) });
  });

  test('while the certificate of its webhooks is waited for', async (context) => {
    const api = await apiServer(context, { deaf: ['secrets'] });
    const asked = api.whenAsked('secrets');
    const { end } = await start(context, api.port, '--webhook-bind-address=127.0.0.1:0');
    await asked;
    expect(await end()).toMatchObject({ code: 0, milliseconds: expect.toSatisfy((time) => time < inTime) });
  });

  test.for<[string, 'leases' | 'renewals' | 'sleepers', readonly string[]]>([
    ['while it asks for the lease', 'leases', leader],
    ['while it takes the lease', 'renewals', leader],
    ['while its caches fill', 'sleepers', []],
  ])('%s', async ([, deaf, flags], context) => {
    const api = await apiServer(context, { deaf: [deaf] });
    const asked = api.whenAsked(deaf);
    const { end } = await start(context, api.port, ...flags);
    await asked;
    const { code, milliseconds, output } = await end();
    expect([code, milliseconds < inTime]).toEqual([0, true]);
    expect(output).not.toContain('sleeping');
  });

  test('while it may not read what it needs', async (context) => {
    const api = await apiServer(context, { forbidden: true });
    const { said, end } = await start(context, api.port);
    await said('Add the rule');
    expect(await end()).toMatchObject({ code: 0, milliseconds: expect.toSatisfy((time) => time < inTime) });
  });

  test('while a plugin is asked for its credentials', async (context) => {
    const api = await apiServer(context, {});
    const plugin = `require('node:fs').writeFileSync(process.env.ASKED, ''); setInterval(() => {}, 1000)`;
    const folder = await mkdtemp(join(tmpdir(), 'setpoint-plugin-'));
    context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const marker = join(folder, 'asked');
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      interactiveMode: 'Never',
      command: process.execPath,
      args: ['-e', plugin],
      env: [{ name: 'ASKED', value: marker }],
    };
    const { end } = await startWith({ USER: JSON.stringify({ exec }) }, context, api.port);
    await vi.waitFor(() => expect(existsSync(marker)).toBe(true), { timeout: 30_000, interval: 20 });
    expect(await end()).toMatchObject({ code: 0, milliseconds: expect.toSatisfy((time) => time < inTime) });
  });

  test('and without one it ends with 1 when its lease was taken', async (context) => {
    const api = await apiServer(context, { thief: 'thief' });
    const times = ['--leader-elect-lease-duration=6s', '--leader-elect-renew-deadline=3s'];
    const { said, exited, output } = await start(
      context,
      api.port,
      ...leader,
      ...times,
      '--leader-elect-retry-period=200ms',
    );
    await said('sleeping');
    api.steal();
    expect(await exited).toBe(1);
    expect(output()).toContain('thief holds it');
  });

  test('while another holds the lease', async (context) => {
    const api = await apiServer(context, { holder: 'another' });
    const { said, end } = await start(context, api.port, ...leader);
    await said('new leader elected');
    const { code, milliseconds, output } = await end();
    expect([code, milliseconds < inTime]).toEqual([0, true]);
    expect(output).not.toContain('Starting workers');
  });

  test('while the lease that it won cannot be given up', async (context) => {
    const api = await apiServer(context, { deaf: ['releases'] });
    const { said, end } = await start(context, api.port, ...leader);
    await said('sleeping');
    const { code, milliseconds } = await end();
    expect([code, milliseconds < inTime]).toEqual([0, true]);
  });

  test('while a pass neither ends nor listens', async (context) => {
    const api = await apiServer(context, { stubborn: true });
    const { said, end } = await start(context, api.port);
    await said('sleeping');
    const { code, milliseconds, output } = await end();
    expect([code, milliseconds < inTime]).toEqual([0, true]);
    expect(output).toContain('passes did not finish in time');
  });
});

describe.concurrent('code that throws where nobody catches it, or blocks', { timeout: 120_000 }, () => {
  const misbehaving = { MISBEHAVE: '1' };
  const work = '"controller":"sleeper","object":"default/s"';

  test('is named with controller and object, and the operator goes on', async (context) => {
    const api = await apiServer(context, {});
    const { said, end } = await startWith(misbehaving, context, api.port);
    await said('thrown by a timer');
    await said('rejected and not awaited');
    const { code, output } = await end();
    expect(code).toBe(0);
    const lines = output.split('\n');
    const line = (text: string) => lines.find((each) => each.includes(text));
    expect(line('thrown by a timer (await')).toContain(work);
    expect(line('rejected and not awaited (await')).toContain(work);
    // Who got no CPU himself is not blamed for it.
    if (line('this process stood still')) return;
    expect(line('the pass of controller sleeper over default/s blocked the event loop')).toContain(work);
  });

  test('ends the operator with 1 if it is to', async (context) => {
    const api = await apiServer(context, {});
    const { exited, output } = await startWith(misbehaving, context, api.port, '--uncaught-errors=exit');
    expect(await exited).toBe(1);
    expect(output()).toContain('thrown by a timer (the operator stops)');
    expect(output()).toContain('All workers finished');
  });
});
