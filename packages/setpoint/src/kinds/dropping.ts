// biome-ignore-all lint/suspicious/noExplicitAny: a transform sees objects of every kind.
import type { Transform } from './cache-rule.ts';

/** What caches, controllers and finalizers rely on. */
export const essentialMetadata = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'finalizers',
  'ownerReferences',
] as const;

/**
 * A transform that takes away what the paths name: `dropping('.data', '.spec.containers[*].env')`. A path is made of
 * `.member`, `['member']` and `[*]` for every element of a list; what is not there is no error.
 *
 * @throws Error for a path that is none, or one that names what a controller cannot do without
 */
export function dropping(...paths: readonly string[]): Transform {
  const parsed = paths.map(parsePath);
  return (object) => {
    for (const path of parsed) drop(object, path, 0);
  };
}

/** Takes away the annotation in which `kubectl apply` keeps a copy of the whole object. */
export const withoutLastApplied: Transform = dropping(
  ".metadata.annotations['kubectl.kubernetes.io/last-applied-configuration']",
);

const everyElement = Symbol('*');
type Step = string | typeof everyElement;

function parsePath(path: string): readonly Step[] {
  const steps: Step[] = [];
  const step = /\.([A-Za-z_$][\w$-]*)|\['([^']+)'\]|\[\*\]/y;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (!match) throw new Error(`${JSON.stringify(path)} is no path such as .data or .spec.containers[*].env`);
    steps.push(match[1] ?? match[2] ?? everyElement);
  }
  const [first, second] = steps;
  const vital = first === undefined || first === 'apiVersion' || first === 'kind';
  if (vital || (first === 'metadata' && (second === undefined || essentialMetadata.includes(second as never)))) {
    throw new Error(`${JSON.stringify(path)} cannot be dropped: controllers rely on it`);
  }
  return steps;
}

function drop(value: any, path: readonly Step[], at: number): void {
  if (typeof value !== 'object' || value === null) return;
  const step = path[at] as Step;
  const last = at === path.length - 1;
  if (step === everyElement) {
    if (!Array.isArray(value)) return;
    if (last) value.length = 0;
    else for (const element of value) drop(element, path, at + 1);
  } else if (Object.hasOwn(value, step)) {
    if (last) delete value[step];
    else drop(value[step], path, at + 1);
  }
}
