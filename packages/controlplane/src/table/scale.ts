import { timestampAge } from '@setpoint/apimachinery/duration';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { ColumnDefinition, TableConvertor } from '../registry/index.ts';

const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
const name =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
const age = `CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: ${conventions}#metadata`;

interface Scale extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

/** How the scale subresource is printed; the server words the columns of built-in kinds and of custom ones differently. */
export function scaleTable(custom: boolean): TableConvertor {
  const column = (
    title: string,
    type: ColumnDefinition['type'],
    description: string,
    format = '',
  ): ColumnDefinition => ({
    name: title,
    type,
    format,
    description,
    priority: 0,
  });
  return {
    columns: [
      column('Name', 'string', name, custom ? 'name' : ''),
      column(
        'Desired',
        'integer',
        custom ? 'Number of desired replicas' : 'replicas is the desired number of instances for the scaled object.',
      ),
      column(
        'Available',
        'integer',
        custom
          ? 'Number of actual replicas'
          : 'replicas is the actual number of observed instances of the scaled object.',
      ),
      column('Age', custom ? 'date' : 'string', age),
    ],
    cells(object, now) {
      const { metadata, spec, status } = object as Scale;
      return [
        metadata.name ?? '',
        spec?.replicas ?? 0,
        status?.replicas ?? 0,
        timestampAge(metadata.creationTimestamp, now),
      ];
    },
  };
}
