import { type Loose, Walker } from '../walk.ts';
import { coreDefaults } from './core.ts';
import { otherDefaults } from './others.ts';
import { workloadDefaults } from './workloads.ts';

const walker = new Walker({ ...coreDefaults, ...workloadDefaults, ...otherDefaults });

/** Fills in the defaults of an object of a built-in kind, in place; `type` is its key, `apps/v1.Deployment`. */
export function applyBuiltinDefaults(type: string, object: Loose): void {
  // Structs that Go always has; the functions of each kind rely on them.
  object.metadata ??= {};
  if (hasSpec.has(type)) object.spec ??= {};
  walker.visit(type, object);
}

const hasSpec: ReadonlySet<string> = new Set([
  ...Object.keys(workloadDefaults).filter((type) => !type.includes('Pattern')),
  'authentication.k8s.io/v1.TokenRequest',
]);
