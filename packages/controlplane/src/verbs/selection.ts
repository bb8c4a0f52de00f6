import { groupResource, type KubeObject } from '@setpoint/apimachinery/meta';
import {
  everything,
  type FieldSelector,
  parseFieldSelector,
  parseLabelSelector,
  type Selector,
  SelectorError,
} from '@setpoint/apimachinery/selectors';
import type { ServedResource } from '../registry/index.ts';
import { badRequest } from '../status/index.ts';

/** Which objects a list, a watch or a deletion of a collection is about. */
export interface Selection {
  readonly labels: Selector;
  readonly fields: FieldSelector;
  /** No selector at all: everything matches. */
  readonly all: boolean;
  /** The only name that can match, where the field selector says so. */
  readonly name: string | undefined;
  matches(object: KubeObject): boolean;
}

/** @throws StatusError 400 for a selector that cannot be read or names a field that this kind does not offer */
export function parseSelection(resource: ServedResource, query: URLSearchParams): Selection {
  const labels = readSelector(query.get('labelSelector'), parseLabelSelector) ?? everything;
  const fields = readSelector(query.get('fieldSelector'), parseFieldSelector) ?? parseFieldSelector('');
  for (const { field, value } of fields.requirements) if (field !== '' || value !== '') checkField(resource, field);
  const exact = fields.requirements.find(({ field, operator }) => field === 'metadata.name' && operator === '=');
  return {
    labels,
    fields,
    all: labels.empty && fields.empty,
    name: exact?.value,
    matches: (object) =>
      labels.matches(object.metadata.labels) && (fields.empty || fields.matches(fieldsOf(resource, object))),
  };
}

function readSelector<T>(text: string | null, parse: (text: string) => T): T | undefined {
  if (text === null || text === '') return undefined;
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof SelectorError ? badRequest(error.message) : error;
  }
}

function fieldsOf(resource: ServedResource, object: KubeObject): Record<string, string> {
  return {
    ...resource.strategy.selectableFields?.(object),
    'metadata.name': object.metadata.name ?? '',
    'metadata.namespace': object.metadata.namespace ?? '',
  };
}

function checkField(resource: ServedResource, field: string): void {
  if (field === 'metadata.name') return;
  if (field === 'metadata.namespace' && (resource.namespaced || !resource.custom)) return;
  const extra = resource.strategy.selectableFieldNames ?? [];
  if (extra.includes(field)) return;
  if (resource.custom || extra.length > 0) throw badRequest(`field label not supported: ${field}`);
  const text = `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`;
  throw badRequest(text);
}

/** `widgets.example.com`: how messages name the resource. */
export function resourceName(resource: ServedResource): string {
  return groupResource(resource.group, resource.resource);
}
