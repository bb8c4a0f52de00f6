import type { KubeObject } from '@setpoint/apimachinery/meta';
import { SelfSubjectAccessReview } from 'setpoint/authorization.k8s.io/v1';
import type { Client } from 'setpoint/client';
import { type Finding, failure, ok, warning } from './finding.ts';

/** One question to the server's authorizer. */
interface Access {
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly namespace?: string;
}

const installVerbs = ['get', 'create', 'update', 'delete'];
const deployVerbs = ['get', 'create', 'patch', 'delete'];

/** Whether whoever asks may install and deploy; asked of the server, which knows best. */
export async function checkPermissions(client: Client, manifests: readonly KubeObject[]): Promise<readonly Finding[]> {
  const definitions = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' };
  const install = installVerbs.map((verb) => ({ ...definitions, verb }));
  const deploy = [
    { group: '', resource: 'configmaps', verb: 'list' },
    ...(await Promise.all(manifests.map((manifest) => accessesTo(client, manifest)))).flat(),
  ];
  return [
    await allowed(client, 'install', install),
    await allowed(client, 'deploy', deploy),
    await mayGrant(client, manifests),
  ].filter((finding) => finding !== undefined);
}

async function accessesTo(client: Client, { apiVersion, kind, metadata }: KubeObject): Promise<Access[]> {
  const found = await client.discovery.find({ apiVersion, kind });
  if (!found) return [];
  const { group, plural: resource } = found;
  const { namespace } = metadata;
  return deployVerbs.map((verb) => ({ group, resource, verb, ...(namespace ? { namespace } : {}) }));
}

async function allowed(client: Client, command: string, accesses: readonly Access[]): Promise<Finding> {
  const different = new Map(accesses.map((access) => [JSON.stringify(access), access]));
  const answers = await Promise.all(
    [...different.values()].map(async (access) => ((await isAllowed(client, access)) ? [] : [access])),
  );
  const missing = Map.groupBy(answers.flat(), ({ group, resource, namespace }) => {
    const what = group === '' ? resource : `${resource}.${group}`;
    return namespace === undefined ? what : `${what} in ${namespace}`;
  });
  if (missing.size === 0) return ok('permissions', `\`setpoint ${command}\` may do all that it does`);
  const list = [...missing].map(([what, some]) => `${some.map(({ verb }) => verb).join(', ')} ${what}`);
  return failure(
    'permissions',
    `\`setpoint ${command}\` may not ${list.join('; ')}`,
    'use the kubeconfig of an administrator, or have one bind you a role with these verbs',
  );
}

/** Nobody may grant what he may not do himself, unless he may escalate. */
async function mayGrant(client: Client, manifests: readonly KubeObject[]): Promise<Finding | undefined> {
  if (!manifests.some(({ kind }) => kind === 'ClusterRole' || kind === 'Role')) return undefined;
  const roles = { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' };
  const everything = { group: '*', resource: '*', verb: '*' };
  for (const access of [everything, { ...roles, verb: 'escalate' }]) {
    if (await isAllowed(client, access)) return undefined;
  }
  return warning(
    'permissions',
    'the server refuses roles with rights that you do not have yourself, and you may not escalate',
    'if `setpoint deploy` is refused for that, have an administrator run it',
  );
}

async function isAllowed(client: Client, access: Access): Promise<boolean> {
  const review = { metadata: {}, spec: { resourceAttributes: access } };
  const { status } = await client.create(SelfSubjectAccessReview, review as never);
  return status?.allowed === true;
}
