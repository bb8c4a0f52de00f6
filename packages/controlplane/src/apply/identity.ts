import { goQuote } from '@setpoint/apimachinery/errors';
import { quoteJsonString } from '@setpoint/apimachinery/json';
import type { ManagedFieldsEntry } from '@setpoint/apimachinery/meta';

/** Who owns fields, apart from which: two entries of one identity are the same manager. */
export interface ManagerIdentity {
  readonly manager?: string;
  readonly operation: 'Apply' | 'Update';
  /** Updates in two versions are by two managers; for an apply the version does not count. */
  readonly apiVersion?: string;
  readonly subresource?: string;
}

/** The identity as the server writes it, JSON in the order of the entry: managers are kept and sorted by this text. */
export function identifierOf(entry: ManagerIdentity | ManagedFieldsEntry): string {
  const { manager, operation, subresource } = entry;
  const apiVersion = operation === 'Apply' ? undefined : entry.apiVersion;
  let text = '';
  if (manager) text += `,"manager":${quoteJsonString(manager)}`;
  if (operation) text += `,"operation":"${operation}"`;
  if (apiVersion) text += `,"apiVersion":${quoteJsonString(apiVersion)}`;
  if (subresource) text += `,"subresource":${quoteJsonString(subresource)}`;
  return `{${text.slice(1)}}`;
}

export function identityOf(identifier: string): ManagerIdentity {
  return JSON.parse(identifier) as ManagerIdentity;
}

/** How a conflict names a manager. */
export function describeManager(identifier: string): string {
  const { manager = '', subresource, operation, apiVersion = '' } = identityOf(identifier);
  const name = subresource ? `${goQuote(manager)} with subresource ${goQuote(subresource)}` : goQuote(manager);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}
