import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { ResourceList } from './amounts.ts';
import type { ScopeRequirement } from './evaluator.ts';

export interface ResourceQuota extends KubeObject {
  readonly spec?: {
    readonly hard?: ResourceList;
    readonly scopes?: readonly string[];
    readonly scopeSelector?: { readonly matchExpressions?: readonly ScopeRequirement[] };
  };
  readonly status?: { readonly hard?: ResourceList; readonly used?: ResourceList };
}

/** All conditions of a quota; a scope by its name alone asks for objects that have it. */
export function scopesOf({ spec }: ResourceQuota): readonly ScopeRequirement[] {
  const named = (spec?.scopes ?? []).map((scopeName): ScopeRequirement => ({ scopeName, operator: 'Exists' }));
  return [...named, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

/** As a label selector would judge a label of that name. */
export function matchesValues(value: string | undefined, { operator, values = [] }: ScopeRequirement): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return operator satisfies never;
  }
}
