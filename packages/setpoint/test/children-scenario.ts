/**
 * What an operator promises of its children, against a server that is there: takes a kubeconfig and rejects with what
 * was seen where something else was expected.
 */
import assert from 'node:assert/strict';
import { sleep, systemClock } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { z } from 'zod';
import { type Client, createClient, loadConfig } from '../src/client/index.ts';
import { controller } from '../src/controller/index.ts';
import { isNotFound } from '../src/errors/index.ts';
import { Deployment } from '../src/kinds/builtin/apps/v1.ts';
import { Job } from '../src/kinds/builtin/batch/v1.ts';
import { ConfigMap, Namespace, Secret, Service } from '../src/kinds/builtin/core/v1.ts';
import { ClusterRole, RoleBinding } from '../src/kinds/builtin/rbac.authorization.k8s.io/v1.ts';
import { type AnyKind, defineKind, dynamicKind, type Resource } from '../src/kinds/index.ts';
import { operator } from '../src/manager/index.ts';
import { crdManifest } from '../src/manifests/index.ts';
import { progressing, ready } from '../src/readiness/index.ts';
import { type ChildOf, type ChildOptions, child } from '../src/reconcile/index.ts';
import { conditions } from '../src/zod/index.ts';

const Stack = defineKind({
  group: 'children.real.setpoint.dev',
  version: 'v1',
  kind: 'Stack',
  spec: z.object({ parts: z.array(z.string()), text: z.string() }),
  status: z.object({ conditions: conditions() }),
});
type Stack = Resource<typeof Stack>;

const CustomResourceDefinition = dynamicKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  scope: 'Cluster',
});

const owns = [ConfigMap, Secret, Service, Deployment, RoleBinding, ClusterRole, Job] as const;
type Owned = (typeof owns)[number];

/** Every way of writing a value that the server does not keep as it is. */
function childrenOf({ metadata, spec }: Stack): readonly ChildOf<Owned>[] {
  const { name } = metadata;
  const config = child(
    ConfigMap,
    { metadata: { name: `${name}-config` }, data: { text: spec.text } },
    { ready: ({ data }) => (data?.go ? ready : progressing('NotYet', 'nobody has said go')) },
  );
  const labels = { app: name };
  const app = child(
    Deployment,
    {
      metadata: { name: `${name}-app`, labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            nodeSelector: {},
            volumes: [{ name: 'scratch', emptyDir: { sizeLimit: '1024Mi' } }],
            containers: [
              {
                name: 'app',
                image: 'example.com/app:1',
                args: ['--verbose'],
                env: [
                  { name: 'EMPTY', value: '' },
                  { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
                ],
                ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }],
                volumeMounts: [{ name: 'scratch', mountPath: '/scratch', readOnly: false }],
                resources: { limits: { cpu: '1000m', memory: '1024Mi' }, requests: {} },
                readinessProbe: { httpGet: { path: '/', port: 80 } },
              },
            ],
          },
        },
      },
    },
    { dependsOn: [config], ready: () => ready },
  );
  const all: Readonly<Record<string, ChildOf<Owned>>> = {
    config,
    app,
    secret: child(Secret, { metadata: { name: `${name}-secret` }, stringData: { token: 'once' } }),
    service: child(Service, {
      metadata: { name: `${name}-service` },
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    }),
    binding: child(RoleBinding, {
      metadata: { name: `${name}-binding` },
      subjects: [
        { kind: 'ServiceAccount', name: 'default', namespace: metadata.namespace },
        { kind: 'User', name: 'somebody' },
      ],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `${metadata.namespace}-role` },
    }),
    role: child(
      ClusterRole,
      {
        metadata: { name: `${metadata.namespace}-role` },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      },
      { owner: 'none' },
    ),
    legacy: child(ConfigMap, { metadata: { name: `${name}-legacy` }, data: { kept: 'yes' } }),
    taken: child(ConfigMap, { metadata: { name: `${name}-taken` } }),
    job: job(name, spec.text),
    jobReplaced: job(name, spec.text, { onImmutable: 'replace' }),
    serviceHeadless: headless(name, { onImmutable: 'replace' }),
    immutable: child(
      ConfigMap,
      { metadata: { name: `${name}-immutable` }, immutable: true, data: { text: spec.text } },
      { onImmutable: 'replace' },
    ),
  };
  return spec.parts.flatMap((part) => all[part] ?? []);
}

function job(name: string, text: string, options: ChildOptions<typeof Job> = {}) {
  const container = { name: 'c', image: 'example.com/job:1', args: [text] };
  const template = { spec: { restartPolicy: 'Never' as const, containers: [container] } };
  return child(Job, { metadata: { name: `${name}-job` }, spec: { template } }, { ready: () => ready, ...options });
}

/** The address of a Service cannot be taken away. */
function headless(name: string, options: ChildOptions<typeof Service>) {
  const spec = { clusterIP: 'None', selector: { app: name }, ports: [{ port: 80 }] };
  return child(Service, { metadata: { name: `${name}-service` }, spec }, options);
}

const stacks = (namespace: string) =>
  controller(Stack, {
    namespace,
    owns,
    ready: true,
    formerManagers: ['old-release'],
    deleteChildren: 'reverse',
    backoff: { initial: '100ms', maximum: '1s' },
    reconcile: (stack) => ({ children: childrenOf(stack) }),
  });

/** Apply, order, drift, restart, pruning, hand-over, foreign owners and deletion in reverse order. */
export async function keepsChildrenAsValues(kubeconfig: string): Promise<void> {
  const config = await loadConfig({ kubeconfig });
  await using client = createClient({ config, fieldManager: 'somebody-else' });
  await client.create(CustomResourceDefinition, crdManifest(Stack) as never);
  const { name: namespace } = (await client.create(Namespace, { metadata: { generateName: 'children-real-' } }))
    .metadata;
  const scenario = new Scenario(client, namespace);
  const requests: string[] = [];
  const run = async (play: () => Promise<void>) => {
    const observe = ({ method, code }: { readonly method: string; readonly code: string }) =>
      void (method === 'GET' || requests.push(`${method} ${code}`));
    await using observed = createClient({ config, observe });
    await using manager = operator({ name: 'stacks', controllers: [stacks(namespace)] }).manager({ client: observed });
    const running = manager.run();
    running.catch(() => undefined);
    try {
      await manager.started;
      await play();
    } finally {
      manager.stop();
      await running;
    }
  };
  try {
    await until('the kind is served', () => client.list(Stack).then(() => true, isNotThere));
    await scenario.createStack();
    await run(async () => {
      await scenario.appliesInOrder();
      await scenario.repairs();
      await quiet(requests);
    });
    requests.length = 0;
    await run(async () => {
      await quiet(requests);
      assert.deepEqual(requests, [], 'nothing has changed: a restart writes nothing');
      await scenario.prunes();
      await scenario.takesOver();
      await scenario.leavesOthersAlone();
      await scenario.replaces();
      await quiet(requests);
      requests.length = 0;
      await scenario.touch();
      await quiet(requests);
      assert.deepEqual(requests, [], 'a pass that changes nothing costs no write');
      await scenario.deletesInReverse();
    });
  } finally {
    await scenario.clean();
  }
}

class Scenario {
  readonly #client: Client;
  readonly #namespace: string;

  constructor(client: Client, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  #at(name: string) {
    return { namespace: this.#namespace, name };
  }

  #stack(): Promise<Stack> {
    return this.#client.get(Stack, this.#at('s'));
  }

  async #condition(type: string): Promise<string> {
    const found = (await this.#stack()).status?.conditions?.find((condition) => condition.type === type);
    return `${found?.status} ${found?.reason}: ${found?.message}`;
  }

  async #isThere(kind: AnyKind, name: string): Promise<boolean> {
    return this.#client.get(kind, kind.scope === 'Cluster' ? { name } : this.#at(name)).then(() => true, isNotThere);
  }

  async #want(...parts: string[]): Promise<void> {
    await this.#client.patch(Stack, this.#at('s'), { type: 'merge', body: { spec: { parts } } });
  }

  async createStack(): Promise<void> {
    const parts = ['app', 'config', 'secret', 'service', 'binding', 'role'];
    await this.#client.create(Stack, { metadata: this.#at('s'), spec: { parts, text: 'hello' } });
  }

  async appliesInOrder(): Promise<void> {
    const waits = 'ConfigMap 0/s-config: nobody has said go; 1 of the others wait for that'.replace(
      '0',
      this.#namespace,
    );
    await until('the app waits', async () => (await this.#condition('Ready')) === `False ChildrenNotReady: ${waits}`);
    assert.equal(await this.#isThere(Deployment, 's-app'), false);
    assert.equal(await this.#isThere(Service, 's-service'), true, 'what depends on nothing does not wait');
    const body = { data: { go: 'yes' } };
    await this.#client.patch(ConfigMap, this.#at('s-config'), { type: 'merge', body });
    await until('the app is applied', () => this.#isThere(Deployment, 's-app'));
    const { metadata } = await this.#client.get(Deployment, this.#at('s-app'));
    assert.deepEqual(metadata.labels, { 'app.kubernetes.io/managed-by': 'stacks', app: 's' });
    assert.equal(metadata.ownerReferences?.[0]?.uid, (await this.#stack()).metadata.uid);
    assert.equal(
      metadata.managedFields?.some((entry) => entry.manager === 'stacks/stack' && entry.operation === 'Apply'),
      true,
    );
    const secret = await this.#client.get(Secret, this.#at('s-secret'));
    assert.deepEqual(secret.data, { token: 'b25jZQ==' });
  }

  async repairs(): Promise<void> {
    const app = this.#at('s-app');
    const before = await this.#client.get(Deployment, app);
    // A value of nobody's intent, and a member beside ours.
    const foreign = { metadata: { annotations: { mine: 'yes' } }, spec: { replicas: 3 } };
    await this.#client.patch(Deployment, app, { type: 'merge', body: foreign });
    const drift = [{ name: 'app', image: 'example.com/app:2' }];
    const body = { spec: { template: { spec: { containers: drift } } } };
    await this.#client.patch(Deployment, app, { type: 'strategic', body });
    const present = () => this.#client.get(Deployment, app);
    const image = (object: Deployment) => object.spec?.template.spec?.containers[0]?.image;
    await until('the image is repaired', async () => {
      const object = await present();
      return object.metadata.generation !== before.metadata.generation && image(object) === 'example.com/app:1';
    });
    const after = await present();
    assert.equal(after.spec?.replicas, 3);
    assert.equal(after.metadata.annotations?.mine, 'yes');
    const secret = { data: { token: 'b3RoZXI=' } };
    await this.#client.patch(Secret, this.#at('s-secret'), { type: 'merge', body: secret });
    await until('the token is repaired', async () => {
      const { data } = await this.#client.get(Secret, this.#at('s-secret'));
      return data?.token === 'b25jZQ==';
    });
  }

  async prunes(): Promise<void> {
    await this.#want('app', 'config', 'service', 'role');
    await until('the secret is pruned', async () => !(await this.#isThere(Secret, 's-secret')));
    await until('the binding is pruned', async () => !(await this.#isThere(RoleBinding, 's-binding')));
    assert.equal(await this.#isThere(Deployment, 's-app'), true);
    await this.#want('app', 'config', 'service');
    await until('the role is pruned', async () => !(await this.#isThere(ClusterRole, `${this.#namespace}-role`)));
  }

  /** An earlier release has written the child by create, and a field that nobody wants any more. */
  async takesOver(): Promise<void> {
    const { uid } = (await this.#stack()).metadata;
    const reference = { apiVersion: Stack.apiVersion, kind: 'Stack', name: 's', uid, controller: true };
    const metadata = { ...this.#at('s-legacy'), ownerReferences: [reference], labels: { old: 'yes' } };
    await this.#want('app', 'config', 'service', 'role');
    await until('the role is back', () => this.#isThere(ClusterRole, `${this.#namespace}-role`));
    const data = { kept: 'no', dropped: 'yes' };
    await this.#client.create(ConfigMap, { metadata, data }, { fieldManager: 'old-release' });
    await until('it is pruned as ours', async () => !(await this.#isThere(ConfigMap, 's-legacy')));
    const paused = { ...metadata, ownerReferences: [{ ...reference, controller: false }] };
    await this.#client.create(ConfigMap, { metadata: paused, data }, { fieldManager: 'old-release' });
    await this.#client.patch(ConfigMap, this.#at('s-legacy'), { type: 'merge', body: { data: { theirs: 'yes' } } });
    await this.#want('app', 'config', 'service', 'role', 'legacy');
    const present = () => this.#client.get(ConfigMap, this.#at('s-legacy'));
    await until('it is handed over', async () => (await present()).data?.dropped === undefined);
    const object = await present();
    assert.deepEqual(object.data, { kept: 'yes', theirs: 'yes' });
    assert.equal(object.metadata.labels?.old, undefined);
    const managers = object.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`).sort();
    assert.deepEqual(managers, ['somebody-else Update', 'stacks/stack Apply']);
  }

  async leavesOthersAlone(): Promise<void> {
    const other = await this.#client.create(ConfigMap, { metadata: this.#at('other') });
    const { name, uid } = other.metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid, controller: true }];
    await this.#client.create(ConfigMap, { metadata: { ...this.#at('s-taken'), ownerReferences } });
    await this.#want('app', 'config', 'service', 'role', 'taken');
    const message = `ConfigMap ${this.#namespace}/s-taken is controlled by ConfigMap other already and is left alone; choose another name for the child`;
    await until(
      'the owner is named',
      async () => (await this.#condition('Reconciled')) === `False ReconcileError: ${message}`,
    );
    assert.equal(await this.#isThere(ConfigMap, 's-legacy'), true, 'nothing is pruned by a pass that failed');
    await this.#client.delete(ConfigMap, this.#at('s-taken'));
    await until('the name is taken', async () => (await this.#condition('Ready')) === 'True ReconcileSuccess: ');
    assert.equal(await this.#isThere(ConfigMap, 's-legacy'), false);
  }

  /** What cannot be changed is named, and replaced where the child says so. */
  async replaces(): Promise<void> {
    const job = this.#at('s-job');
    const say = (text: string) => this.#client.patch(Stack, this.#at('s'), { type: 'merge', body: { spec: { text } } });
    const uidOf = async (kind: AnyKind, name: string) =>
      ((await this.#client.get(kind, this.#at(name)).catch(() => undefined)) as KubeObject | undefined)?.metadata.uid;
    const anew = async (kind: AnyKind, name: string, before: string | undefined) => {
      await this.#collect(kind, name);
      const uid = await uidOf(kind, name);
      return uid !== undefined && uid !== before;
    };
    const rest = ['app', 'config', 'taken'];
    await this.#want(...rest, 'service', 'job', 'immutable');
    await until('the job is there', () => this.#isThere(Job, 's-job'));
    await until('the map is there', () => this.#isThere(ConfigMap, 's-immutable'));
    const before = await uidOf(Job, 's-job');
    const map = await uidOf(ConfigMap, 's-immutable');
    await say('anew');
    const refused = `Job.batch ${this.#namespace}/s-job is there, and the server refuses to change spec.template of it (field is immutable)`;
    await until('the field is named', async () => (await this.#condition('Reconciled')).includes(refused));
    assert.equal(await uidOf(Job, 's-job'), before);
    await until('the map is made anew', () => anew(ConfigMap, 's-immutable', map));
    const service = await uidOf(Service, 's-service');
    await this.#want(...rest, 'serviceHeadless', 'jobReplaced');
    await until('the job is made anew', () => anew(Job, 's-job', before));
    const args = (await this.#client.get(Job, job)).spec?.template.spec?.containers[0]?.args;
    assert.deepEqual(args, ['anew']);
    await until('the service is made anew', () => anew(Service, 's-service', service));
    assert.equal((await this.#client.get(Service, this.#at('s-service'))).spec?.clusterIP, 'None');
    await say('hello');
    await this.#want(...rest, 'service');
    await until('the job is pruned', async () => {
      await this.#collect(Job, 's-job');
      await this.#collect(Service, 's-service');
      return !(await this.#isThere(Job, 's-job'));
    });
    await until('the owner is ready', async () => (await this.#condition('Ready')) === 'True ReconcileSuccess: ');
  }

  async touch(): Promise<void> {
    const body = { metadata: { annotations: { touched: 'yes' } } };
    await this.#client.patch(Stack, this.#at('s'), { type: 'merge', body });
  }

  /** The garbage collector's part of a deletion in the foreground is played here, where there is none. */
  async deletesInReverse(): Promise<void> {
    const client = this.#client;
    const app = this.#at('s-app');
    const hold = (finalizers: readonly string[] | null) =>
      client.patch(Deployment, app, { type: 'merge', body: { metadata: { finalizers } } });
    await hold(['real.setpoint.dev/hold']);
    await client.delete(Stack, this.#at('s'));
    const waits = `False DeletingChildren: waiting for the end of Deployment.apps ${this.#namespace}/s-app`;
    await until('the app goes first', async () => (await this.#condition('Ready')).startsWith(waits));
    await until('it is being deleted', async () =>
      Boolean((await client.get(Deployment, app)).metadata.deletionTimestamp),
    );
    assert.equal(await this.#isThere(ConfigMap, 's-config'), true);
    await hold(null);
    await until('the stack is gone', async () => {
      await this.#collect(ConfigMap, 's-config');
      await this.#collect(ConfigMap, 's-taken');
      await this.#collect(Service, 's-service');
      await this.#collect(ClusterRole, `${this.#namespace}-role`);
      return !(await this.#isThere(Stack, 's'));
    });
    assert.equal(await this.#isThere(ConfigMap, 's-config'), false);
    assert.equal(await this.#isThere(ClusterRole, `${this.#namespace}-role`), false);
  }

  async #collect(kind: AnyKind, name: string): Promise<void> {
    const key = kind.scope === 'Cluster' ? { name } : this.#at(name);
    const object: KubeObject | undefined = await this.#client.get(kind, key).catch(() => undefined);
    if (!object?.metadata.finalizers?.includes('foregroundDeletion')) return;
    const body = [
      { op: 'test', path: '/metadata/finalizers', value: ['foregroundDeletion'] },
      { op: 'remove', path: '/metadata/finalizers' },
    ] as const;
    await this.#client.patch(kind, key, { type: 'json', body }).catch(() => undefined);
  }

  async clean(): Promise<void> {
    const client = this.#client;
    const namespace = this.#namespace;
    const body = { metadata: { finalizers: null } };
    for (const kind of [Stack, Deployment, Service, ConfigMap, Secret, RoleBinding, Job] as readonly AnyKind[]) {
      for (const { metadata } of (await client.list(kind, { namespace })).items as readonly KubeObject[]) {
        const key = this.#at(metadata.name ?? '');
        if (metadata.finalizers?.length) await client.patch(kind, key, { type: 'merge', body }).catch(() => undefined);
        await client.delete(kind, key).catch(() => undefined);
      }
    }
    await client.delete(ClusterRole, { name: `${namespace}-role` }).catch(() => undefined);
    await client.delete(CustomResourceDefinition, { name: 'stacks.children.real.setpoint.dev' });
    await client.delete(Namespace, { name: namespace });
    const left = await client.get(Namespace, { name: namespace }).catch(() => undefined);
    if (left) await client.update(Namespace, { ...left, spec: { finalizers: [] } }, { subresource: 'finalize' });
  }
}

function isNotThere(error: unknown): false {
  if (!isNotFound(error)) throw error;
  return false;
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = systemClock.monotonic() + 30_000;
  while (!(await condition())) {
    if (systemClock.monotonic() > deadline) throw new Error(`waited 30 s in vain: ${what}`);
    await sleep(systemClock, 50);
  }
}

/** Waits until half a second went by without a write. */
async function quiet(requests: readonly string[]): Promise<void> {
  for (let before = -1; before !== requests.length; ) {
    before = requests.length;
    await sleep(systemClock, 500);
  }
}
