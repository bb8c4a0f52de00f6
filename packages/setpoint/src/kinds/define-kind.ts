import { formatApiVersion, type KubeObject } from '@setpoint/apimachinery/meta';
import type { ValidationRule } from '@setpoint/apimachinery/schema';
import type { SchemaInput, SchemaOutput, SchemaSource } from '../schema/index.ts';
import type { DeepReadonly } from './deep.ts';
import type { KindDefinition, PrinterColumn, ScaleDefinition } from './definition.ts';
import { checkDefinition, objectSchema } from './definition-schema.ts';
import type { AnyKind, Kind, Scope } from './kind.ts';
import { checkKindNames } from './kind-names.ts';
import type { MetadataInput, NamespacedMetadata, ServedMetadata } from './metadata-types.ts';
import { pluralOf } from './plural.ts';

/** Options of `defineKind`. */
export interface KindOptions<
  Group extends string,
  Version extends string,
  Name extends string,
  Spec extends SchemaSource | undefined,
  Status extends SchemaSource | undefined,
  S extends Scope,
> {
  /** A domain of yours, such as `tutorial.my.domain`. */
  readonly group: Group;
  /** `v1`, `v1beta1`, … */
  readonly version: Version;
  /** In CamelCase and singular. */
  readonly kind: Name;
  /** @default the kind in lower case, in the plural as Kubernetes' generators form it */
  readonly plural?: string;
  /** @default the kind in lower case */
  readonly singular?: string;
  /** Such as `po` for Pods. @default none */
  readonly shortNames?: readonly string[];
  /** `all` makes `kubectl get all` show the objects. */
  readonly categories?: readonly string[];
  /** @default 'Namespaced' */
  readonly scope?: S;
  /** What `kubectl explain` says of the kind. */
  readonly description?: string;
  /** A schema of any library that speaks Standard JSON Schema. Without it, objects have no spec. */
  readonly spec?: Spec;
  /** Given, the kind has a status subresource. It must have no defaults: nobody writes a status but its controller. */
  readonly status?: Status;
  /** What `kubectl get` shows beside the name. @default the age */
  readonly columns?: readonly PrinterColumn[];
  /** Given, the kind has a scale subresource: `kubectl scale` and autoscalers work on it. */
  readonly scale?: ScaleDefinition;
  /** JSON paths of scalar fields for `--field-selector`; at most 8. */
  readonly selectableFields?: readonly string[];
  /** CEL rules over the whole object, where `self` also has `metadata.name` and `metadata.generateName`. */
  readonly validations?: readonly ValidationRule[];
  /** Of the CRD. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of the CRD. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Warns everybody who uses this version; a text replaces the server's own warning. */
  readonly deprecated?: boolean | string;
}

/** An object of a defined kind as the server answers with it. */
export type CustomResource<
  ApiVersion extends string,
  Name extends string,
  Spec,
  Status,
  S extends Scope,
> = CustomObject<ApiVersion, Name, S> & SpecMember<Spec> & StatusMember<Status>;

interface CustomObject<ApiVersion extends string, Name extends string, S extends Scope> extends KubeObject {
  readonly apiVersion: ApiVersion;
  readonly kind: Name;
  readonly metadata: S extends 'Namespaced' ? NamespacedMetadata : ServedMetadata;
}

type SpecMember<Spec> = Spec extends SchemaSource
  ? object extends SchemaInput<Spec>
    ? { readonly spec?: DeepReadonly<SchemaOutput<Spec>> }
    : { readonly spec: DeepReadonly<SchemaOutput<Spec>> }
  : unknown;

/** Missing until its controller first writes it. */
type StatusMember<Status> = Status extends SchemaSource
  ? { readonly status?: DeepReadonly<SchemaOutput<Status>> }
  : unknown;

/** An object of a defined kind as a person writes it. */
export type CustomResourceInput<ApiVersion extends string, Name extends string, Spec, Status> = {
  /** Follows from the kind where it is left out. */
  readonly apiVersion?: ApiVersion;
  /** Follows from the kind where it is left out. */
  readonly kind?: Name;
  readonly metadata: MetadataInput;
} & (Spec extends SchemaSource
  ? object extends SchemaInput<Spec>
    ? { readonly spec?: DeepReadonly<SchemaInput<Spec>> }
    : { readonly spec: DeepReadonly<SchemaInput<Spec>> }
  : unknown) &
  (Status extends SchemaSource ? { readonly status?: DeepReadonly<SchemaInput<Status>> } : unknown);

/** A kind that this program defines. */
export type DefinedKind<
  Group extends string,
  Version extends string,
  Name extends string,
  Spec,
  Status,
  S extends Scope,
> = Kind<
  CustomResource<`${Group}/${Version}`, Name, Spec, Status, S>,
  CustomResourceInput<`${Group}/${Version}`, Name, Spec, Status>
> & { readonly definition: KindDefinition };

/**
 * Defines a kind of custom resources from schemas of any library that speaks Standard JSON Schema. Give the value
 * and its type one name:
 *
 * ```ts
 * export const Foo = defineKind({
 *   group: 'tutorial.my.domain', version: 'v1', kind: 'Foo',
 *   spec: z.object({ name: z.string() }),
 *   status: z.object({ happy: z.boolean().optional() }),
 * });
 * export type Foo = Resource<typeof Foo>;
 * ```
 *
 * The schemas are turned into the structural schema of the CRD, here and now: what the API server could not hold to
 * (a transform, a tuple, a pattern that is not RE2, …) throws a SchemaError that names the field and says what to
 * write instead. Objects are never parsed with the schemas, since the server has already checked and defaulted them.
 * A spec with required members is itself required.
 */
export function defineKind<
  const Group extends string,
  const Version extends string,
  const Name extends string,
  Spec extends SchemaSource | undefined = undefined,
  Status extends SchemaSource | undefined = undefined,
  const S extends Scope = 'Namespaced',
>(options: KindOptions<Group, Version, Name, Spec, Status, S>): DefinedKind<Group, Version, Name, Spec, Status, S> {
  const { group, version, kind } = options;
  const lower = String(kind ?? '').toLowerCase();
  const singular = options.singular ?? lower;
  const names = {
    group,
    version,
    kind,
    plural: options.plural ?? pluralOf(lower),
    singular,
    shortNames: options.shortNames ?? [],
    categories: options.categories ?? [],
  };
  checkKindNames(names);
  const { schema, warnings } = objectSchema(options);
  const definition: KindDefinition = {
    description: options.description,
    schema,
    columns: options.columns ?? [],
    scale: options.scale,
    selectableFields: options.selectableFields ?? [],
    annotations: options.annotations ?? {},
    labels: options.labels ?? {},
    deprecated: options.deprecated !== undefined && options.deprecated !== false,
    deprecationWarning: typeof options.deprecated === 'string' ? options.deprecated : undefined,
    warnings,
  };
  checkDefinition(kind, definition);
  const value: AnyKind & { readonly definition: KindDefinition } = {
    ...names,
    apiVersion: formatApiVersion(group, version),
    listKind: `${kind}List`,
    scope: options.scope ?? 'Namespaced',
    projection: 'full',
    subresources: { status: options.status !== undefined, scale: options.scale !== undefined },
    definition,
  };
  return Object.freeze(value);
}
