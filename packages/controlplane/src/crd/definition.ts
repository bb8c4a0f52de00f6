import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { StructuralSchema } from '@setpoint/apimachinery/schema';

/** The CustomResourceDefinition of apiextensions.k8s.io/v1, as far as this part reads it. */
export interface Definition extends KubeObject {
  readonly spec: DefinitionSpec;
  readonly status?: DefinitionStatus;
}

export interface DefinitionSpec {
  readonly group: string;
  readonly names: DefinitionNames;
  readonly scope: string;
  readonly versions: readonly DefinitionVersion[];
  readonly conversion?: Conversion;
  readonly preserveUnknownFields?: boolean;
}

export interface DefinitionNames {
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly kind: string;
  readonly listKind?: string;
  readonly categories?: readonly string[];
}

export interface DefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: { readonly openAPIV3Schema?: StructuralSchema };
  readonly subresources?: Subresources;
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

export interface Subresources {
  readonly status?: object;
  readonly scale?: Scale;
}

export interface Scale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface Conversion {
  readonly strategy: string;
  readonly webhook?: {
    readonly clientConfig?: {
      readonly url?: string;
      readonly service?: {
        readonly namespace: string;
        readonly name: string;
        readonly path?: string;
        readonly port?: number;
      };
      readonly caBundle?: string;
    };
    readonly conversionReviewVersions?: readonly string[];
  };
}

export interface DefinitionStatus {
  readonly conditions: readonly DefinitionCondition[] | null;
  readonly acceptedNames: DefinitionNames;
  readonly storedVersions: readonly string[];
}

export interface DefinitionCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastTransitionTime?: string;
  readonly reason: string;
  readonly message: string;
}

export const definitionGroup = 'apiextensions.k8s.io';
export const definitionResourceName = 'customresourcedefinitions';
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

export function storageKeyOf(definition: Definition): string {
  return `${definition.spec.group}/${definition.spec.names.plural}`;
}

export function condition(definition: Definition, type: string): DefinitionCondition | undefined {
  return definition.status?.conditions?.find((one) => one.type === type);
}

export function isTrue(definition: Definition, type: string): boolean {
  return condition(definition, type)?.status === 'True';
}

/** With one condition put in; its time moves only with its status. `now` is wall time in milliseconds. */
export function withCondition(
  definition: Definition,
  next: Omit<DefinitionCondition, 'lastTransitionTime'>,
  now: number,
): Definition {
  const status = statusOf(definition);
  const conditions = status.conditions ?? [];
  const old = conditions.find((one) => one.type === next.type);
  const lastTransitionTime = old && old.status === next.status ? old.lastTransitionTime : timestamp(now);
  const { type, status: state, reason, message } = next;
  const made = { type, status: state, ...(lastTransitionTime ? { lastTransitionTime } : {}), reason, message };
  const changed = old ? conditions.map((one) => (one === old ? made : one)) : [...conditions, made];
  return { ...definition, status: { ...status, conditions: changed } };
}

export function statusOf(definition: Definition): DefinitionStatus {
  return definition.status ?? { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: [] };
}

/** RFC 3339 to the second, as the API writes times. */
export function timestamp(now: number): string {
  return `${new Date(now).toISOString().slice(0, -5)}Z`;
}
