import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Quantity } from '@setpoint/apimachinery/quantity';
import type { ServedResource } from '../registry/index.ts';
import { one } from './amounts.ts';
import { claimEvaluator } from './claims.ts';
import { podEvaluator } from './pods.ts';
import { serviceEvaluator } from './services.ts';

/** A condition of a quota on the objects that it counts. */
export interface ScopeRequirement {
  readonly scopeName: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

/** How objects of one resource count against quotas. */
export interface Evaluator {
  /** Whether objects of this resource can say anything about an amount of that name. */
  counts(name: string): boolean;
  /** What the object uses. `now` is wall time in milliseconds. */
  usage(object: KubeObject, now: number): ReadonlyMap<string, Quantity>;
  matchesScope(object: KubeObject, scope: ScopeRequirement): boolean;
  /** Whether a write has to be looked at. An update without this never changes what an object uses. */
  handlesUpdate?(object: KubeObject, old: KubeObject, subresource: string): boolean;
  /** What the object must say where amounts of these names are limited, as the real server says it. */
  missing?(object: KubeObject, names: readonly string[]): string | undefined;
  /** Whether a change gives something back. */
  givesBack?(object: KubeObject, old: KubeObject, now: number): boolean;
}

/** Undefined: no quota is about them. */
export function evaluatorOf({ group, resource }: Pick<ServedResource, 'group' | 'resource'>): Evaluator | undefined {
  const key = `${group}/${resource}`;
  return ignored.has(key) ? undefined : (special[key] ?? countEvaluator(group, resource));
}

const ignored: ReadonlySet<string> = new Set([
  '/bindings',
  '/componentstatuses',
  '/events',
  'events.k8s.io/events',
  'authentication.k8s.io/tokenreviews',
  'authentication.k8s.io/selfsubjectreviews',
  'authorization.k8s.io/subjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
]);

const special: Readonly<Record<string, Evaluator>> = {
  '/pods': podEvaluator,
  '/services': serviceEvaluator,
  '/persistentvolumeclaims': claimEvaluator,
};

/** Those that could be counted by their bare name before everything could be counted. */
const aliased: readonly string[] = ['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'];

function countEvaluator(group: string, resource: string): Evaluator {
  const name = group === '' ? `count/${resource}` : `count/${resource}.${group}`;
  const names = group === '' && aliased.includes(resource) ? [name, resource] : [name];
  const used = new Map(names.map((each) => [each, one]));
  return { counts: (asked) => names.includes(asked), usage: () => used, matchesScope: () => false };
}
