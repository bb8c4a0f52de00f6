import { compareBytes } from '@setpoint/apimachinery/json';

/** Built-in groups as a real server lists them (its API services have priorities); all others follow by name. */
const groups = [
  '',
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
];
const rank = new Map(groups.map((group, i) => [group, i]));

export function byGroupPriority(a: string, b: string): number {
  return (rank.get(a) ?? groups.length) - (rank.get(b) ?? groups.length) || compareBytes(a, b);
}

const stages: Readonly<Record<string, number>> = { alpha: 1, beta: 2 };

/** The preferred version first: stable before beta before alpha, higher numbers first, all others behind by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (!left || !right) return Number(!left) - Number(!right) || compareBytes(a, b);
  for (let i = 0; i < left.length; i++) {
    const difference = (right[i] ?? 0) - (left[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Stage, major number, minor number of `v2beta1`. */
function parseVersion(version: string): readonly [number, number, number] | undefined {
  const [, major, stage, minor] = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*)?)?$/.exec(version) ?? [];
  if (major === undefined) return undefined;
  return [stage === undefined ? 3 : (stages[stage] ?? 0), Number(major), Number(minor ?? 0)];
}
