import type { StructuralSchema } from '@setpoint/apimachinery/schema';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'integer' | 'number' | 'string' | 'boolean' | 'date';
  /** A JSON path from the object's root, such as `.status.happy`. */
  readonly path: string;
  /** What the column tells; shown by clients that know it. */
  readonly description?: string;
  /** 0 is always shown, more only with `-o wide`. @default 0 */
  readonly priority?: number;
  /** An OpenAPI format for the type, such as `int32`, `date-time` or `password`. */
  readonly format?: string;
}

/** Where the scale subresource (`kubectl scale`, autoscalers) finds its numbers. Paths have no brackets. */
export interface ScaleDefinition {
  /** Such as `.spec.replicas`. */
  readonly specReplicasPath: string;
  /** Such as `.status.replicas`. */
  readonly statusReplicasPath: string;
  /** Of a string in status or spec that holds a label selector; autoscalers need it. */
  readonly labelSelectorPath?: string;
}

/** What the CRD of a kind is made of, besides its names. */
export interface KindDefinition {
  readonly description: string | undefined;
  /** Of the whole object, `apiVersion`, `kind` and `metadata` included. */
  readonly schema: StructuralSchema;
  readonly columns: readonly PrinterColumn[];
  readonly scale: ScaleDefinition | undefined;
  /** Fields for `--field-selector`, as JSON paths such as `.spec.color`. */
  readonly selectableFields: readonly string[];
  /** Annotations of the CRD. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly deprecated: boolean;
  readonly deprecationWarning: string | undefined;
  /** What is legal and yet likely a mistake, as sentences that name the field. */
  readonly warnings: readonly string[];
}
