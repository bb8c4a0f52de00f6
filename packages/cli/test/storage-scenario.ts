import { setTimeout as delay } from 'node:timers/promises';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { type Client, createClient, loadConfig } from 'setpoint/client';
import { command, project } from './command.ts';
import { gauge } from './projects/gauges/versions.ts';

const name = 'gauges.gauges.cli.example.com';
const namespace = 'default';
const count = 12;

/** Milliseconds: a server takes up a new definition by and by. */
const patience = 30_000;

async function until<T>(what: () => Promise<T>): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    try {
      return await what();
    } catch (error) {
      if (Date.now() > end) throw error;
      await delay(100);
    }
  }
}

async function storedVersions(client: Client): Promise<string> {
  return ((await client.get(CustomResourceDefinition, { name })).status?.storedVersions ?? []).join(', ');
}

async function fill(client: Client): Promise<void> {
  const alpha = gauge('v1alpha1');
  for (let i = 0; i < count; i++)
    await until(() => client.create(alpha, { metadata: { name: `g${i}`, namespace }, spec: { size: i } }));
}

/** What becomes of the objects, in all that a reader sees but revisions and times. */
async function state(client: Client) {
  const { items } = await until(() => client.list(gauge('v1'), { namespace, managedFields: 'keep' } as never));
  return {
    objects: items.length,
    sizes: items.reduce((sum, { spec }) => sum + spec.size, 0),
    generations: [...new Set(items.map(({ metadata }) => metadata.generation))],
    managers: [
      ...new Set(items.flatMap(({ metadata }) => metadata.managedFields?.map(({ manager }) => manager) ?? [])),
    ],
  };
}

async function revision(client: Client): Promise<bigint> {
  return BigInt((await client.list(gauge('v1'), { namespace, limit: 1 })).metadata.resourceVersion ?? '0');
}

async function newer(client: Client, than: bigint): Promise<number> {
  const { items } = await client.list(gauge('v1'), { namespace });
  return items.filter(({ metadata }) => BigInt(metadata.resourceVersion ?? '0') > than).length;
}

/** v1alpha1 → both → v1, in three steps and in one; the lines that each command says, and what is there then. */
export async function migratesInThreeStepsAndInOne(kubeconfig: string): Promise<unknown> {
  const client = createClient({ config: await loadConfig({ kubeconfig }) });
  const on = (step: string) => ['--project', project(`gauges/${step}`), '--kubeconfig', kubeconfig] as const;
  const said: unknown[] = [];
  const run = async (...argv: readonly string[]) => {
    const { code, out, err } = await command(...argv);
    const lines = `${out}${err}`.replaceAll(`customresourcedefinition.apiextensions.k8s.io/${name}`, 'crd').split('\n');
    said.push(`${argv[0]}: ${code}: ${lines[0]}`, ...lines.slice(1, -1));
  };
  try {
    await run('install', ...on('alpha'));
    await fill(client);
    await run('install', ...on('alone'));
    await run('install', ...on('both'));
    said.push(await storedVersions(client));
    const before = await revision(client);
    await run('migrate-storage', ...on('both'));
    said.push(await storedVersions(client), `${await newer(client, before)} are newer`);
    await run('migrate-storage', name, '--kubeconfig', kubeconfig);
    await run('install', ...on('alone'));
    said.push(await storedVersions(client), await state(client));
    await run('uninstall', ...on('alone'));
    await run('install', ...on('alpha'));
    await fill(client);
    await run('install', ...on('alone'), '--migrate');
    said.push(await storedVersions(client), await state(client));
    return said;
  } finally {
    await command('uninstall', ...on('alone'));
    await client.close();
  }
}

/** What it comes to, on every server. */
export const steps: readonly unknown[] = [
  'install: 0: crd created',
  `install: 1: setpoint: the CRD ${name} cannot lose v1alpha1: objects may be stored in it (status.storedVersions)`,
  '  if the versions differ in nothing but their names, `setpoint install --migrate` does all of what follows',
  '  declare v1alpha1 again with `served: false` and install that',
  '  run `setpoint migrate-storage`: it writes every object once, so that all are stored in v1, and says so in the status',
  '  then install without v1alpha1',
  'install: 0: crd configured',
  `${name}: objects may be stored in v1alpha1 still; \`setpoint migrate-storage\` writes them in v1`,
  'v1alpha1, v1',
  'migrate-storage: 0: crd: 12 objects written; all are stored in v1',
  'v1',
  '12 are newer',
  'migrate-storage: 0: crd: all objects are stored in v1',
  'install: 0: crd configured',
  'v1',
  { objects: 12, sizes: 66, generations: [1], managers: ['setpoint'] },
  'uninstall: 0: crd deleted',
  'install: 0: crd created',
  'install: 0: crd configured',
  'crd: 12 objects written; all are stored in v1',
  'crd configured',
  'v1',
  { objects: 12, sizes: 66, generations: [1], managers: ['setpoint'] },
];
