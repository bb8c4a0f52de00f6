import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type Controller, type ControllerContext, isStatus } from '../host/index.ts';

const tokenType = 'kubernetes.io/service-account-token';
const nameKey = 'kubernetes.io/service-account.name';
const uidKey = 'kubernetes.io/service-account.uid';

/** What a Secret with a token is filled from. */
export interface SecretTokens {
  /** PEM. */
  rootCertificate(): string;
  /** A token of that account that is good while the Secret is there. */
  issue(namespace: string, account: { readonly name: string; readonly uid: string }, secret: string): string;
}

/**
 * Fills Secrets of type kubernetes.io/service-account-token with the token of the account that they name, and deletes
 * those whose account is not there or is another one.
 */
export function secretTokenController(tokens: SecretTokens): Controller {
  return {
    name: 'serviceaccount-token-controller',
    serviceAccount: 'tokens-controller',
    start(context) {
      const secrets = context.resource('', 'v1', 'secrets');
      const accounts = context.resource('', 'v1', 'serviceaccounts');
      const queue = context.queue((key) => reconcile(context, { secrets, accounts }, tokens, key));
      context.watch(secrets, ({ type, key, entry: { object } }) => {
        if (isToken(object)) {
          if (type !== 'delete') queue.add(key);
          else void forgetReference(context, accounts, object);
        }
      });
      context.watch(accounts, ({ type, entry }) => {
        if (type === 'update' || context.collection(secrets).size === 0) return;
        const { namespace = '', name } = entry.object.metadata;
        for (const { key, object: secret } of context.collection(secrets).present().entries(`${namespace}/`)) {
          if (isToken(secret) && secret.metadata.annotations?.[nameKey] === name) queue.add(key);
        }
      });
    },
  };
}

function isToken(object: KubeObject): boolean {
  return (object as MutableObject).type === tokenType;
}

async function reconcile(
  { client }: ControllerContext,
  { secrets, accounts }: { readonly secrets: ServedResource; readonly accounts: ServedResource },
  tokens: SecretTokens,
  key: string,
): Promise<void> {
  const [namespace = '', name = ''] = key.split('/');
  const secret = client.get(secrets, namespace, name) as MutableObject | undefined;
  if (!secret || !isToken(secret)) return;
  const { uid: secretUid = '', annotations = {} } = secret.metadata;
  const account = client.get(accounts, namespace, annotations[nameKey] ?? '');
  const uid = account?.metadata.uid ?? '';
  if (!account || (annotations[uidKey] && annotations[uidKey] !== uid)) {
    await client.delete(secrets, namespace, name, { uid: secretUid });
    return;
  }
  const data = wantedData(tokens, secret, { name: account.metadata.name ?? '', uid });
  if (!data) return;
  try {
    await client.update(
      secrets,
      namespace,
      name,
      (object) => {
        object.data = { ...object.data, ...data };
        (object as { metadata: object }).metadata = {
          ...object.metadata,
          annotations: { ...object.metadata.annotations, [nameKey]: account.metadata.name ?? '', [uidKey]: uid },
        };
        return true;
      },
      { uid: secretUid },
    );
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

/** Undefined: the Secret has all. A token that is there is kept. */
function wantedData(
  tokens: SecretTokens,
  secret: MutableObject,
  account: { readonly name: string; readonly uid: string },
): Readonly<Record<string, string>> | undefined {
  const { namespace = '', name = '' } = secret.metadata;
  const certificate = base64(tokens.rootCertificate());
  const before: Readonly<Record<string, string>> = secret.data ?? {};
  const isComplete =
    before['ca.crt'] === certificate && before.namespace === base64(namespace) && (before.token ?? '') !== '';
  if (isComplete) return undefined;
  const token = before.token || base64(tokens.issue(namespace, account, name));
  return { 'ca.crt': certificate, namespace: base64(namespace), token };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** An account that lists a Secret which has gone does not list it any more. */
async function forgetReference(context: ControllerContext, accounts: ServedResource, secret: KubeObject) {
  const { namespace = '', name, annotations = {} } = secret.metadata;
  const accountName = annotations[nameKey] ?? '';
  const account = context.client.get(accounts, namespace, accountName) as MutableObject | undefined;
  const lists = (object: MutableObject) => (object.secrets ?? []).some((one: { name?: string }) => one.name === name);
  if (!account || !lists(account) || (annotations[uidKey] && annotations[uidKey] !== account.metadata.uid)) return;
  try {
    await context.client.update(accounts, namespace, accountName, (object) => {
      if (!lists(object)) return false;
      object.secrets = object.secrets.filter((one: { name?: string }) => one.name !== name);
      return true;
    });
  } catch (error) {
    if (!isStatus(error, 404)) context.failed(error);
  }
}
