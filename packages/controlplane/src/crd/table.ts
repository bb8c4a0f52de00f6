import { humanDuration } from '@setpoint/apimachinery/duration';
import { compileJsonPath, JsonPathError, printJsonPathValue } from '@setpoint/apimachinery/jsonpath';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { ColumnDefinition, TableConvertor } from '../registry/index.ts';
import type { PrinterColumn } from './definition.ts';

const documentation =
  'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

const nameColumn: ColumnDefinition = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: `Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names`,
  priority: 0,
};

export const creationDescription = `CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. ${documentation}`;

const ageColumn: PrinterColumn = {
  name: 'Age',
  type: 'date',
  description: creationDescription,
  jsonPath: '.metadata.creationTimestamp',
};

/** The columns of a definition's version; without any there is the age. Paths that cannot be read end the columns. */
export function columnsOf(columns: readonly PrinterColumn[] | undefined): TableConvertor {
  const definitions: ColumnDefinition[] = [nameColumn];
  const cells: ((object: KubeObject, now: number) => unknown)[] = [(object) => object.metadata.name ?? ''];
  for (const column of columns?.length ? columns : [ageColumn]) {
    const cell = cellOf(column);
    if (cell === undefined) break;
    cells.push(cell);
    definitions.push({
      name: column.name,
      type: column.type as ColumnDefinition['type'],
      format: column.format ?? '',
      description: column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
      priority: column.priority ?? 0,
    });
  }
  return { columns: definitions, cells: (object, now) => cells.map((cell) => cell(object, now)) };
}

function cellOf(column: PrinterColumn): ((object: KubeObject, now: number) => unknown) | undefined {
  try {
    const path = compileJsonPath(column.jsonPath);
    return (object, now) => {
      const [value] = path.find(object);
      if (value === undefined) return null;
      return column.type === 'string' ? printJsonPathValue(value) : typedCell(column.type, value, now);
    };
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}

function typedCell(type: string, value: unknown, now: number): unknown {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : isNumber ? value : null;
    case 'number':
      return isNumber ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? dateCell(value, now) : null;
    default:
      return null;
  }
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([.,]\d+)?(Z|[+-]\d{2}:\d{2})$/;

function dateCell(value: string, now: number): string {
  if (value === '' || value === 'null') return '<unknown>';
  const time = rfc3339.test(value) ? Date.parse(value.replace(',', '.')) : Number.NaN;
  return Number.isNaN(time) ? '<invalid>' : humanDuration(now - time);
}

/** The two columns of kinds that have none of their own: name and time of creation. */
export const defaultTable: TableConvertor = {
  columns: [
    nameColumn,
    { name: 'Created At', type: 'date', format: '', description: creationDescription, priority: 0 },
  ],
  cells: (object) => [object.metadata.name ?? '', object.metadata.creationTimestamp ?? null],
};
