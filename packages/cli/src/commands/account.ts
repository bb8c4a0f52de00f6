import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClientConfig, createClient, loadConfig } from 'setpoint/client';
import { accountOfFlags, installAccount, type Operator, type OperatorAccount } from 'setpoint/manager';
import { Failure, sentenceOf, UsageError } from '../failure.ts';

/** Whom an operator is on a cluster of one's own. */
export const identities = ['service-account', 'administrator'] as const;
export type Identity = (typeof identities)[number];

/** Seconds that the token is good for: longer than anybody works at a stretch, a year. */
const lifetime = 365 * 24 * 60 * 60;

/**
 * A kubeconfig of the operator's own ServiceAccount, which may do what its controllers declare and nothing else; account
 * and roles are created or brought up to date with the rights of the given one: in the namespaces that the operator's
 * flags name, and otherwise in all. The file goes with this process.
 */
export async function ownKubeconfig(
  operator: Operator,
  operatorFlags: readonly string[],
  flags: { readonly kubeconfig?: string; readonly context?: string },
): Promise<string> {
  const { kubeconfig, context } = flags;
  const config = await loadConfig({ kubeconfig, context });
  await using client = createClient({ config, fieldManager: 'setpoint', userAgent: 'setpoint' });
  const account = await installAccount(client, operator, await neededBy(operator, operatorFlags));
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
  const answer = await client.raw('POST', path, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ spec: { expirationSeconds: lifetime } }),
  });
  const { status } = JSON.parse(Buffer.from(answer.body).toString('utf8'));
  if (!status?.token)
    throw new Failure(`there is no token for the service account ${account.namespace}/${account.name}`);
  return writeForThisProcess(kubeconfigOf(config, account, status.token));
}

async function neededBy({ name }: Operator, operatorFlags: readonly string[]) {
  try {
    return await accountOfFlags(operatorFlags, process.env);
  } catch (error) {
    throw new UsageError(`${name}: ${sentenceOf(error)}`, { cause: error });
  }
}

function kubeconfigOf({ server, tls = {}, proxyUrl }: ClientConfig, account: OperatorAccount, token: string): string {
  const name = account.name;
  const ca = tls.ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(tls.ca).toString('base64') };
  const cluster = {
    server,
    ...ca,
    ...(tls.serverName === undefined ? {} : { 'tls-server-name': tls.serverName }),
    ...(tls.insecureSkipVerify ? { 'insecure-skip-tls-verify': true } : {}),
    ...(proxyUrl === undefined ? {} : { 'proxy-url': proxyUrl }),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: account.namespace } }],
    users: [{ name, user: { token } }],
  });
}

function writeForThisProcess(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'setpoint-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
