import type { Client } from 'setpoint/client';
import { isConnectionError, isUnauthorized } from 'setpoint/errors';
import { sentenceOf } from '../failure.ts';
import { type Finding, failure, ok, warning } from './finding.ts';

/** The oldest that runs TypeScript as it is. */
const oldestNode = [22, 19] as const;
/** The oldest minor version of Kubernetes 1 that is tested. */
const oldestMinor = 31;

/** @param version such as `24.3.0` */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = oldestNode;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return ok('Node', version);
  return failure('Node', `${version} is too old`, `install Node ${oldestNode.join('.')} or later`);
}

/** Whether the cluster answers, and is new enough. */
export async function checkCluster(client: Client): Promise<Finding> {
  try {
    const { body } = await client.raw('GET', '/version', { timeout: 10_000 });
    const { gitVersion = '', minor = '0' } = JSON.parse(Buffer.from(body).toString('utf8'));
    if (Number.parseInt(minor, 10) >= oldestMinor) return ok('cluster', `Kubernetes ${gitVersion}`);
    return warning('cluster', `Kubernetes ${gitVersion} is older than what is tested`, `use 1.${oldestMinor} or later`);
  } catch (error) {
    const remedy = isConnectionError(error)
      ? 'start the cluster, or name another with --kubeconfig or --context'
      : isUnauthorized(error)
        ? 'log in again, or name another user with --context'
        : 'look at the API server';
    return failure('cluster', sentenceOf(error), remedy);
  }
}
