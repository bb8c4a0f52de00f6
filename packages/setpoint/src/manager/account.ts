import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { Client } from '../client/index.ts';
import { metricNeeds, needs, needsIn } from '../controller/index.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../errors/index.ts';
import { type AnyKind, type CacheScope, dynamicKind } from '../kinds/index.ts';
import { confinedTo, type RbacNeeds } from '../manifests/index.ts';
import { webhookNeeds } from '../webhook/index.ts';
import { shardsOf } from './agreement.ts';
import type { Declaration } from './declaration.ts';
import { defaultLeaseId, type LeaderElectionOptions, leaderElectionNeeds } from './leader-election/index.ts';
import { secureMetricsNeeds } from './secure-metrics-needs.ts';
import { shardingNeeds } from './sharding/index.ts';

/** Options of `installAccount`. */
export interface AccountOptions {
  /** Where its ServiceAccount is. @default 'default' */
  readonly namespace?: string;
  /** Rights for leader election, too; its Lease is in the namespace of the ServiceAccount unless said otherwise. */
  readonly leaderElection?: Pick<LeaderElectionOptions, 'id' | 'namespace'> | undefined;
  /** The rights to ask the server who may read its metrics, too. */
  readonly secureMetrics?: boolean | undefined;
  /** What the operator is confined to: it has Roles there, and a ClusterRole only for what is cluster-scoped. @default all */
  readonly namespaces?: readonly string[] | undefined;
  /** The rights in this further cluster, instead of those in the operator's own. */
  readonly cluster?: string | undefined;
}

/** Whom an operator is when it has no more rights than it declares. */
export interface OperatorAccount {
  readonly namespace: string;
  /** Of the ServiceAccount: the operator's. */
  readonly name: string;
  /** The user that requests come from, with groups. */
  readonly user: { readonly name: string; readonly groups: readonly string[] };
}

const maximumAttempts = 5;

/**
 * Creates what lets an operator do what its controllers declare and nothing else (its ServiceAccount, roles and
 * bindings, as `setpoint manifests` writes them), or brings it up to date. `client` is somebody who may grant all of
 * that, such as an administrator.
 *
 * @throws ApiError what the server refuses
 */
export async function installAccount(
  client: Client,
  operator: Declaration,
  { namespace = 'default', namespaces = [], ...options }: AccountOptions = {},
): Promise<OperatorAccount> {
  const { name } = operator;
  // Loaded by those who install accounts: an operator that runs has no use for it.
  const { accountManifests } = await import('../deployment/index.ts');
  const manifests = accountManifests(
    { name, needs: () => operatorNeeds(operator, { ...options, namespace }) },
    { namespace, watchNamespaces: namespaces },
  );
  for (const manifest of manifests) await put(client, kinds[manifest.kind ?? ''] as AnyKind, manifest);
  if (!manifests.some(({ kind }) => kind === 'ClusterRole')) await withdraw(client, name);
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
  return { namespace, name, user: { name: `system:serviceaccount:${namespace}:${name}`, groups } };
}

/** What a deployed operator needs: its leader election and its metrics, too. */
export function deployedNeeds(operator: Declaration, namespace: string): RbacNeeds {
  return operatorNeeds(operator, { namespace, leaderElection: {}, secureMetrics: true });
}

/** All that an operator does, in requests to the API server: what its role has to allow. */
export function operatorNeeds(
  operator: Declaration,
  { namespace = 'default', leaderElection, secureMetrics, namespaces = [], cluster }: AccountOptions = {},
): RbacNeeds {
  const { name, controllers, webhooks = [], crds = [], cache: rules = [], metrics = [] } = operator;
  if (cluster !== undefined) return controllers.flatMap((each) => needsIn(each, cluster));
  const all = [
    ...controllers.flatMap(needs),
    ...metricNeeds(metrics),
    ...webhookNeeds({ name, namespace, webhooks, crds }),
  ];
  if (leaderElection) {
    const where = { namespace: leaderElection.namespace ?? namespace };
    all.push(...leaderElectionNeeds({ id: leaderElection.id ?? defaultLeaseId(name), ...where }));
    if (shardsOf(controllers) !== undefined) all.push(...shardingNeeds(where));
  }
  if (secureMetrics) all.push(...secureMetricsNeeds());
  return confined(all, { namespaces, rules });
}

/** A rule's namespaces replace those of the operator for its kind. */
function confined(needs: RbacNeeds, { namespaces = [], rules = [] }: CacheScope): RbacNeeds {
  const ruled = rules.filter((rule) => rule.namespaces !== undefined);
  return confinedTo(
    namespaces,
    needs,
    ({ group, plural }) => ruled.find(({ kind }) => kind.group === group && kind.plural === plural)?.namespaces,
  );
}

const group = 'rbac.authorization.k8s.io';
const version = 'v1';

/** Defined here: the tables of whole API groups would take longer to load than the objects take to create. */
const kinds: Readonly<Record<string, AnyKind>> = Object.fromEntries(
  [
    { group: '', kind: 'ServiceAccount', scope: 'Namespaced' as const },
    { group, kind: 'ClusterRole', scope: 'Cluster' as const },
    { group, kind: 'ClusterRoleBinding', scope: 'Cluster' as const },
    { group, kind: 'Role', scope: 'Namespaced' as const },
    { group, kind: 'RoleBinding', scope: 'Namespaced' as const },
  ].map((of) => {
    const plural = `${of.kind.toLowerCase()}s`;
    return [of.kind, dynamicKind({ ...of, version, plural, status: false })];
  }),
);

async function put(client: Client, kind: AnyKind, manifest: KubeObject): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.create(kind, manifest as never);
      return;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    try {
      const { namespace, name = '' } = manifest.metadata;
      const present = await client.get(kind, { name, ...(namespace ? { namespace } : {}) });
      const wanted = { ...present, ...manifest, metadata: present.metadata };
      if (!deepEqual(wanted as never, present as never)) await client.update(kind, wanted as never);
      return;
    } catch (error) {
      // Somebody else wrote it, or took it away, in between.
      if (!(isConflict(error) || isNotFound(error)) || attempt === maximumAttempts) throw error;
    }
  }
}

/** What an earlier version of the operator needed in all namespaces. */
async function withdraw(client: Client, name: string): Promise<void> {
  const old = [
    [kinds.ClusterRoleBinding, `${name}-rolebinding`],
    [kinds.ClusterRole, `${name}-role`],
  ] as const;
  for (const [kind, object] of old) {
    try {
      await client.delete(kind as AnyKind, { name: object });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
