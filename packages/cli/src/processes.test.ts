// What only a process of its own can show: signals, exit codes, what is left over.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, loadConfig } from 'setpoint/client';
import { Namespace } from 'setpoint/core/v1';
import type { AnyKind } from 'setpoint/kinds';
import { ClusterRole, Role } from 'setpoint/rbac.authorization.k8s.io/v1';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cluster, project, temporaryFolder } from '../test/command.ts';
import { Widget } from '../test/projects/widgets/src/operator.ts';

const program = join(import.meta.dirname, '../bin/setpoint.js');
/** Below the repository, so that packages are found from there. */
const build = join(import.meta.dirname, '../../../build');
const patience = { timeout: 30_000, interval: 50 };

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  out: string;
  err: string;
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, ['--no-warnings', ...args], {
    stdio: [...stdio],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const running: Running = { child, exited, out: '', err: '' };
  child.stdout.on('data', (chunk) => (running.out += chunk));
  child.stderr.on('data', (chunk) => (running.err += chunk));
  return running;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test.for(['SIGINT', 'SIGTERM'] as const)('%s ends the control plane with 0', async (signal) => {
  const kubeconfig = join(temporaryFolder(), 'kubeconfig');
  const running = start([program, 'controlplane', '--kubeconfig', kubeconfig]);
  await vi.waitFor(() => expect(running.out).toMatch(/^ready .*\n$/), patience);
  // An open watch must not hold it up.
  await using client = createClient({ config: await loadConfig({ kubeconfig }) });
  const watch = client.watch(Namespace)[Symbol.asyncIterator]();
  expect((await watch.next()).done).toBe(false);
  running.child.kill(signal);
  expect(await running.exited).toBe(0);
});

test('the second signal ends a command at once, with 1', async () => {
  const stop = JSON.stringify(join(import.meta.dirname, 'stop.ts'));
  const code = `const { stopOnSignals } = await import(${stop});
    stopOnSignals().addEventListener('abort', () => console.log('stopping'));
    setInterval(() => {}, 1000);
    console.log('up');`;
  const running = start(['--input-type=module', '-e', code]);
  await vi.waitFor(() => expect(running.out).toBe('up\n'), patience);
  running.child.kill('SIGINT');
  await vi.waitFor(() => expect(running.out).toBe('up\nstopping\n'), patience);
  running.child.kill('SIGTERM');
  expect(await running.exited).toBe(1);
});

test('a flag that the operator does not know exits with 2', async () => {
  const running = start([program, 'run', '--project', project('widgets'), '--', '--leader-elected']);
  expect(await running.exited).toBe(2);
  expect(running.err).toBe('widgets: unknown flag --leader-elected; --help lists what there is\n');
});

test('dev restarts the operator when a source changes, bears mistakes, and leaves nothing behind', async () => {
  mkdirSync(build, { recursive: true });
  const folder = temporaryFolder(build);
  cpSync(project('widgets'), folder, { recursive: true });
  const source = join(folder, 'src/operator.ts');
  const good = readFileSync(source, 'utf8').replace('reconcile: () => {}', 'reconcile: (_, { log }) => log.info(said)');
  let version = 0;
  /** As many editors do: the old file is replaced. */
  const save = (text: string) => {
    version++;
    writeFileSync(`${source}.tmp`, `${text}\nconst said = 'version ${version} of ' + process.pid;\n`);
    renameSync(`${source}.tmp`, source);
  };
  save(good);
  const kubeconfig = join(folder, 'kubeconfig');
  const off = ['--metrics-bind-address=0', '--health-probe-bind-address=0'];
  const running = start([program, 'dev', '--project', folder, '--kubeconfig', kubeconfig, '--', ...off]);
  const said = (text: string | RegExp) => vi.waitFor(() => expect(running.out).toMatch(text), patience);
  const complained = (text: string) => vi.waitFor(() => expect(running.err).toContain(text), patience);
  await said('widgets.cli.example.com created');
  await using client = createClient({ config: await loadConfig({ kubeconfig }) });
  await client.create(Widget, { metadata: { name: 'a', namespace: 'default' }, spec: { size: 1 } });
  await said('version 1 of');

  save(good.replace('size: z', 'colour: z.string().optional(), size: z'));
  await complained('operator.ts has changed; restarting the operator');
  await said('widgets.cli.example.com configured');
  await said('version 2 of');

  save(good.replace('operator({', 'operator(({'));
  await complained(`cannot load the operator ${source}`);
  await complained('the operator ended with code 1; waiting for a change');
  save(good);
  await said('version 4 of');

  const operators = [...running.out.matchAll(/version \d of (\d+)/g)].map(([, pid]) => Number(pid));
  const last = operators.at(-1) as number;
  expect(new Set(operators).size).toBe(3);
  expect(operators.filter(isAlive)).toEqual([last]);
  running.child.kill('SIGINT');
  expect(await running.exited).toBe(0);
  expect(isAlive(last)).toBe(false);
}, 120_000);

test('dev runs the operator with no more rights than it declares, and says which one it forgot', async () => {
  mkdirSync(build, { recursive: true });
  const folder = temporaryFolder(build);
  cpSync(project('widgets'), folder, { recursive: true });
  const source = join(folder, 'src/operator.ts');
  const forgetful =
    "reconcile: async (_, { client }) => void (await client.get(ConfigMap, { name: 'a', namespace: 'b' }))";
  const text = readFileSync(source, 'utf8').replace('reconcile: () => {}', forgetful);
  writeFileSync(source, `import { ConfigMap } from 'setpoint/core/v1';\n${text}`);
  const kubeconfig = join(folder, 'kubeconfig');
  const off = ['--metrics-bind-address=0', '--health-probe-bind-address=0'];
  const running = start([program, 'dev', '--project', folder, '--kubeconfig', kubeconfig, '--', ...off]);
  await vi.waitFor(() => expect(running.out).toContain('Starting workers'), patience);
  await using client = createClient({ config: await loadConfig({ kubeconfig }) });
  await client.create(Widget, { metadata: { name: 'a', namespace: 'default' }, spec: { size: 1 } });
  const missing = 'User \\"system:serviceaccount:default:widgets\\" cannot get resource \\"configmaps\\"';
  await vi.waitFor(() => expect(running.out).toContain(missing), patience);
  expect(running.out).toContain(
    'it takes the rule { apiGroups: [\\"\\"], resources: [\\"configmaps\\"], verbs: [\\"get\\"] }',
  );
  running.child.kill('SIGINT');
  expect(await running.exited).toBe(0);
}, 60_000);

test('run as its service account has a Role in each namespace of WATCH_NAMESPACE, and no ClusterRole', async () => {
  const { kubeconfig, client } = await cluster();
  for (const name of ['one', 'two', 'three']) await client.create(Namespace, { metadata: { name } });
  const off = ['--metrics-bind-address=0', '--health-probe-bind-address=0'];
  const whose = ['--as', 'service-account', '--install', '--kubeconfig', kubeconfig];
  const running = start([program, 'run', '--project', project('widgets'), ...whose, '--', ...off], {
    WATCH_NAMESPACE: 'one,two',
  });
  await vi.waitFor(() => expect(running.out).toContain('Starting workers'), patience);
  const named = async (kind: AnyKind) => (await client.list(kind)).items.map(({ metadata }) => metadata);
  const own = (all: readonly { readonly name?: string; readonly namespace?: string }[]) =>
    all.filter(({ name = '' }) => name.startsWith('widgets-')).map(({ name, namespace }) => `${namespace} ${name}`);
  expect(own(await named(Role))).toEqual(['one widgets-role', 'two widgets-role']);
  expect(own(await named(ClusterRole))).toEqual([]);
  running.child.kill('SIGINT');
  expect(await running.exited).toBe(0);
}, 60_000);

test('dev that is killed takes the operator with it', async () => {
  mkdirSync(build, { recursive: true });
  const folder = temporaryFolder(build);
  cpSync(project('widgets'), folder, { recursive: true });
  const source = join(folder, 'src/operator.ts');
  writeFileSync(source, `${readFileSync(source, 'utf8')}\nconsole.log('operator', process.pid);\n`);
  const off = ['--metrics-bind-address=0', '--health-probe-bind-address=0'];
  const kubeconfig = join(folder, 'kubeconfig');
  const running = start([program, 'dev', '--project', folder, '--kubeconfig', kubeconfig, '--', ...off]);
  await vi.waitFor(() => expect(running.out).toContain('Starting workers'), patience);
  const pid = Number(/operator (\d+)/.exec(running.out)?.[1]);
  expect(isAlive(pid)).toBe(true);
  running.child.kill('SIGKILL');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), patience);
}, 60_000);
