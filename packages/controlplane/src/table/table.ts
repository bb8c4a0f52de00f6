import { FieldError } from '@setpoint/apimachinery/errors';
import type { KubeObject, ListMeta } from '@setpoint/apimachinery/meta';
import type { Conversion } from '../http/index.ts';
import type { ColumnDefinition, TableConvertor } from '../registry/index.ts';
import { badRequest } from '../status/index.ts';
import { sortedKeys } from './metadata.ts';
import { listMetadata, partialObjectMetadata } from './partial-metadata.ts';

/** What a row carries beside its cells. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableOptions {
  readonly includeObject: IncludeObject;
  readonly apiVersion: Conversion['apiVersion'];
  /** Wall time in milliseconds, for ages. */
  readonly now: number;
  /** From the second event of a watch on the columns are not repeated. */
  readonly noHeaders?: boolean;
}

/** `kubectl get` of a list, as the server prints it. */
export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: Conversion['apiVersion'];
  readonly metadata: ListMeta;
  readonly columnDefinitions: readonly ColumnDefinition[] | null;
  readonly rows: readonly { readonly cells: readonly unknown[]; readonly object: unknown }[];
}

/** The query parameter `includeObject`. Throws a StatusError (400). */
export function parseIncludeObject(value: string | null | undefined): IncludeObject {
  if (!value) return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  const error = FieldError.invalid('includeObject', value, "must be 'Metadata', 'Object', 'None', or empty");
  throw badRequest(`Unable to convert to Table as requested: ${error.field}: ${error.body}`);
}

interface Printed {
  readonly table: TableConvertor;
  readonly custom: boolean;
}

/** One row an object. `metadata` is that of the list; of a single object its resource version. */
export function tableOf(
  resource: Printed,
  objects: readonly KubeObject[],
  metadata: ListMeta,
  options: TableOptions,
): Table {
  return {
    kind: 'Table',
    apiVersion: options.apiVersion,
    metadata: listMetadata(metadata),
    columnDefinitions: options.noHeaders ? null : resource.table.columns.map(columnDefinition),
    rows: objects.map((object) => ({
      cells: resource.table.cells(object, options.now),
      object: rowObject(resource, object, options),
    })),
  };
}

function columnDefinition({ name, type, format, description, priority }: ColumnDefinition): ColumnDefinition {
  return { name, type, format, description, priority };
}

function rowObject(resource: Printed, object: KubeObject, options: TableOptions): unknown {
  switch (options.includeObject) {
    case 'None':
      return null;
    case 'Metadata':
      return partialObjectMetadata(object, options.apiVersion);
    case 'Object':
      return resource.custom ? sortedKeys(object) : object;
    default:
      return options.includeObject satisfies never;
  }
}
