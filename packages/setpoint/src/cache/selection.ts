import type { KubeObject, LabelSelector } from '@setpoint/apimachinery/meta';
import {
  everything,
  type FieldRequirement,
  labelSelectorOf,
  parseFieldSelector,
  parseLabelSelector,
  type Selector,
} from '@setpoint/apimachinery/selectors';
import type { AnyKind } from '../kinds/index.ts';

export type AnyLabelSelector = string | LabelSelector | Selector | undefined;

export function toSelector(selector: AnyLabelSelector): Selector {
  if (selector === undefined) return everything;
  if (typeof selector === 'string') return parseLabelSelector(selector);
  return 'matches' in selector ? selector : labelSelectorOf(selector);
}

export interface Selection {
  readonly namespace: string | undefined;
  readonly labelSelector: Selector;
  readonly fieldSelector: string;
  /** Whether a DELETED event may mean that the object left the selection. */
  readonly partial: boolean;
  matches(object: KubeObject): boolean;
  /** Whether the name and the namespace alone rule the object out. */
  excludes(key: { readonly name: string; readonly namespace?: string | undefined }): boolean;
}

/** Which objects a store holds, decided as the server decides it. */
export function selectionOf(request: {
  readonly namespace?: string | undefined;
  readonly labelSelector?: AnyLabelSelector;
  readonly fieldSelector?: string | undefined;
}): Selection {
  const namespace = request.namespace || undefined;
  const labelSelector = toSelector(request.labelSelector);
  const fields = parseFieldSelector(request.fieldSelector ?? '');
  return {
    namespace,
    labelSelector,
    fieldSelector: String(fields),
    partial: !labelSelector.empty || !fields.empty,
    matches: (object) =>
      (namespace === undefined || object.metadata.namespace === namespace) &&
      labelSelector.matches(object.metadata.labels) &&
      fields.requirements.every((requirement) => meetsField(object, requirement)),
    excludes: (key) =>
      (namespace !== undefined && key.namespace !== namespace) ||
      fields.requirements.some(({ field, operator, value }) => {
        if (field !== 'metadata.name' && field !== 'metadata.namespace') return false;
        const actual = (field === 'metadata.name' ? key.name : key.namespace) ?? '';
        return (actual === value) !== (operator === '=');
      }),
  };
}

/** Fields that can be selected are named by their path. A boolean that is left out is selected as `false`. */
function meetsField(object: KubeObject, { field, operator, value }: FieldRequirement): boolean {
  let found: unknown = object;
  for (const name of field.split('.')) found = (found as Record<string, unknown> | null | undefined)?.[name];
  const equal = found === undefined || found === null ? value === '' || value === 'false' : String(found) === value;
  return equal === (operator === '=');
}

/** What a store of this kind holds of an object that the server answered with. */
export function project(kind: AnyKind, object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  const { apiVersion, kind: kindName } = kind;
  return kind.projection === 'metadata'
    ? { apiVersion, kind: kindName, metadata }
    : { ...object, apiVersion, kind: kindName, metadata };
}
