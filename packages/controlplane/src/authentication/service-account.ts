import { dns1123Label, dns1123Subdomain } from '@setpoint/apimachinery/names';
import type { UserInfo } from '../http/index.ts';

const prefix = 'system:serviceaccount:';

/** What ties a credential to what was issued. */
export const credentialId = 'authentication.kubernetes.io/credential-id';
export const nodeNameKey = 'authentication.kubernetes.io/node-name';

/** The user that a service account is. */
export function serviceAccountUser(namespace: string, name: string): string {
  return `${prefix}${namespace}:${name}`;
}

export function serviceAccountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** The service account that a user is; undefined for every other user. */
export function parseServiceAccountUser(
  user: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(prefix)) return undefined;
  const [namespace = '', name = '', ...more] = user.slice(prefix.length).split(':');
  if (more.length > 0 || dns1123Label(namespace).length > 0 || dns1123Subdomain(name).length > 0) return undefined;
  return { namespace, name };
}

/** An object that a token is bound to. */
export interface Reference {
  readonly name: string;
  readonly uid: string;
}

export interface ServiceAccountIdentity {
  readonly namespace: string;
  readonly account: Reference;
  readonly pod?: Reference | undefined;
  readonly node?: Reference | undefined;
  /** `jti` of the token. */
  readonly tokenId?: string | undefined;
}

export function serviceAccountInfo(identity: ServiceAccountIdentity): UserInfo {
  const { namespace, account, pod, node, tokenId } = identity;
  const extra: Record<string, readonly string[]> = {};
  if (tokenId) extra[credentialId] = [`JTI=${tokenId}`];
  if (node?.name) extra[nodeNameKey] = [node.name];
  if (node?.uid) extra['authentication.kubernetes.io/node-uid'] = [node.uid];
  if (pod) {
    extra['authentication.kubernetes.io/pod-name'] = [pod.name];
    extra['authentication.kubernetes.io/pod-uid'] = [pod.uid];
  }
  return {
    name: serviceAccountUser(namespace, account.name),
    uid: account.uid,
    groups: [...serviceAccountGroups(namespace), 'system:authenticated'],
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}
