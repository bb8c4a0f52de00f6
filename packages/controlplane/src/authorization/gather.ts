import { compareBytes } from '@setpoint/apimachinery/json';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { labelSelectorOf } from '@setpoint/apimachinery/selectors';
import type { RoleObject } from './rbac.ts';
import type { PolicyRule } from './rule.ts';

/** Whether a role's rules are those of others, chosen by their labels. */
export function gathers(role: RoleObject): boolean {
  return (role.aggregationRule?.clusterRoleSelectors?.length ?? 0) > 0;
}

/**
 * The role with the rules of all that its selectors choose, in the order of their names; undefined where it has them.
 */
export function gather(role: RoleObject, all: Iterable<RoleObject>): RoleObject | undefined {
  const rules = new Map<string, PolicyRule>();
  const others = [...all].filter((one) => one.metadata.name !== role.metadata.name);
  others.sort((a, b) => compareBytes(a.metadata.name ?? '', b.metadata.name ?? ''));
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    const chosen = labelSelectorOf(selector);
    for (const other of others) {
      if (!chosen.matches(other.metadata.labels ?? {})) continue;
      // Rules are stored with their members in one order: equal ones have equal texts.
      for (const rule of other.rules ?? []) {
        const text = JSON.stringify(rule);
        if (!rules.has(text)) rules.set(text, rule);
      }
    }
  }
  const gathered = [...rules.values()];
  if (deepEqual(gathered, role.rules ?? [])) return undefined;
  return { ...role, rules: gathered };
}
