import type { PolicyRule } from '../manifests/index.ts';
import { type Access, isPathRule, type PathRule, type ResourceAccess, type Rights } from './access.ts';
import { allows, ruleAllows } from './grants.ts';

/** How what is allowed and what was done differ. */
export interface RightsDifference {
  /** What was done, or tried, and is not allowed; each once. */
  readonly missing: readonly Access[];
  /** What is allowed and was not done. */
  readonly surplus: readonly Access[];
}

/**
 * Compares declared rights with what was done. `update` on `…/finalizers` is never surplus: no request asks for it, but
 * admission does, where clusters check owner references.
 */
export function compareRights(declared: Rights, accesses: readonly Access[]): RightsDifference {
  const missing = new Map<string, Access>();
  for (const access of accesses) {
    if (!allows(declared, access)) missing.set(JSON.stringify(withoutName(access)), withoutName(access));
  }
  const units = [
    ...declared.cluster.flatMap((rule) => unitsOf(rule).map((unit) => ({ unit, namespace: undefined }))),
    ...Object.entries(declared.namespaces).flatMap(([namespace, rules]) =>
      rules.flatMap((rule) => unitsOf(rule).map((unit) => ({ unit, namespace }))),
    ),
  ];
  const surplus = units
    .filter(({ unit }) => isPathRule(unit) || !unit.resources[0]?.endsWith('/finalizers'))
    .filter(({ unit, namespace }) => !accesses.some((access) => within(access, namespace) && ruleAllows(unit, access)))
    .map(({ unit, namespace }) => accessOf(unit, namespace));
  return { missing: [...missing.values()], surplus };
}

function withoutName(access: Access): Access {
  if (!('name' in access)) return access;
  const { name: _, ...rest } = access;
  return rest;
}

function within(access: Access, namespace: string | undefined): boolean {
  return namespace === undefined || (access as ResourceAccess).namespace === namespace;
}

/** A rule for each verb on each resource of each group, to each name. */
function unitsOf(rule: PolicyRule | PathRule): (PolicyRule | PathRule)[] {
  if (isPathRule(rule))
    return rule.nonResourceURLs.flatMap((url) => rule.verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })));
  const names = rule.resourceNames?.length ? rule.resourceNames.map((name) => ({ resourceNames: [name] })) : [{}];
  return rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      rule.verbs.flatMap((verb) =>
        names.map((named) => ({ apiGroups: [group], resources: [resource], verbs: [verb], ...named })),
      ),
    ),
  );
}

function accessOf(unit: PolicyRule | PathRule, namespace: string | undefined): Access {
  const [verb = ''] = unit.verbs;
  if (isPathRule(unit)) return { verb, path: unit.nonResourceURLs[0] ?? '' };
  const { apiGroups, resources, resourceNames } = unit;
  const [name] = resourceNames ?? [];
  return {
    verb,
    group: apiGroups[0] ?? '',
    resource: resources[0] ?? '',
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}
