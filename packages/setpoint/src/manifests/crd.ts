import type { KubeObject } from '@setpoint/apimachinery/meta';
import { checkStructuralSchema, type StructuralSchema } from '@setpoint/apimachinery/schema';
import type { AnyDefinedKind, Crd } from '../kinds/index.ts';
import { SchemaError } from '../schema/index.ts';
import { shortenDescriptions } from './descriptions.ts';
import { sorted } from './order.ts';
import { certManagerAnnotation, clientConfig } from './webhook-manifests.ts';
import type { WebhookConnection } from './webhook-types.ts';

/** A CustomResourceDefinition of apiextensions.k8s.io/v1, as it is applied. */
export interface CrdManifest extends KubeObject {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly spec: {
    readonly group: string;
    readonly names: CrdNames;
    readonly scope: 'Namespaced' | 'Cluster';
    readonly versions: readonly CrdVersion[];
    readonly conversion?: object;
  };
}

/** `spec.names` of a CRD. */
export interface CrdNames {
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  /** Such as `po` for Pods. */
  readonly shortNames?: readonly string[];
  /** Such as `all`. */
  readonly categories?: readonly string[];
}

/** One of `spec.versions` of a CRD. */
export interface CrdVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  /** Whether using it is worth a warning. */
  readonly deprecated?: boolean;
  /** Instead of the server's own words. */
  readonly deprecationWarning?: string;
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
  /** Missing: neither status nor scale. */
  readonly subresources?: {
    readonly status?: object;
    readonly scale?: {
      readonly specReplicasPath: string;
      readonly statusReplicasPath: string;
      readonly labelSelectorPath?: string;
    };
  };
  /** Columns of `kubectl get`. */
  readonly additionalPrinterColumns?: readonly {
    readonly name: string;
    readonly type: string;
    readonly jsonPath: string;
    readonly description?: string;
    readonly format?: string;
    readonly priority?: number;
  }[];
  /** Fields that `--field-selector` may name. */
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

/** Options of `crdManifest`. */
export interface CrdManifestOptions {
  /**
   * Descriptions are cut after this many characters, at a sentence or a word; 0 leaves them all out.
   * `kubectl apply` keeps the whole CRD in an annotation of at most 256 KiB.
   * @default 1000
   */
  readonly maxDescriptionLength?: number;
  /** Where the API server has its objects converted; a CRD with hub and spokes must have it, others ignore it. */
  readonly conversion?: WebhookConnection | undefined;
}

/** Where an operator serves the conversions of all its CRDs. */
export const conversionPath = '/convert';

/**
 * The CRD of a kind, or of several versions of one (`defineCrd`). The same definition gives the same object, its
 * members in alphabetical order; there is no status in it, and no time.
 *
 * Throws a SchemaError with the API server's own words where it would refuse the schema, such as for a default that
 * breaks a rule of its field.
 */
export function crdManifest(definition: AnyDefinedKind | Crd, options: CrdManifestOptions = {}): CrdManifest {
  const { storage, versions } =
    'storage' in definition ? definition : { storage: definition, versions: [{ kind: definition, served: true }] };
  const { group, kind, listKind, plural, singular, shortNames, categories, scope } = storage;
  const { labels } = storage.definition;
  const conversion = 'conversion' in definition && definition.conversion === 'Webhook' ? options.conversion : undefined;
  if ('conversion' in definition && definition.conversion === 'Webhook' && !conversion) throw unreachable(definition);
  const annotations = { ...storage.definition.annotations, ...certManagerAnnotation(conversion ?? {}).annotations };
  return sorted<CrdManifest>({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
    },
    spec: {
      group,
      names: {
        kind,
        listKind,
        plural,
        singular,
        ...(shortNames.length > 0 ? { shortNames } : {}),
        ...(categories.length > 0 ? { categories } : {}),
      },
      scope,
      versions: versions.map((version) => crdVersion(version.kind, version.served, version.kind === storage, options)),
      ...(conversion ? { conversion: conversionStanza(conversion) } : {}),
    },
  });
}

function conversionStanza(connection: WebhookConnection) {
  return {
    strategy: 'Webhook',
    webhook: { clientConfig: clientConfig(connection, conversionPath), conversionReviewVersions: ['v1'] },
  };
}

function unreachable({ storage }: Crd): SchemaError {
  return new SchemaError({
    code: 'InvalidDefinition',
    kind: storage.kind,
    path: 'spokes',
    message: 'the API server has to ask the operator for conversions, and nothing says where it is',
    advice: 'give crdManifest `conversion: { endpoint }`',
  });
}

function crdVersion(kind: AnyDefinedKind, served: boolean, storage: boolean, options: CrdManifestOptions): CrdVersion {
  const { schema, columns, scale, selectableFields, deprecated, deprecationWarning } = kind.definition;
  const errors = checkStructuralSchema(schema);
  if (errors.length > 0) {
    throw new SchemaError({
      kind: `${kind.kind} ${kind.version}`,
      problems: errors.map((error) => ({
        code: 'Structural' as const,
        path: error.field
          .replace(/^properties/, '')
          .replaceAll(/(\.properties)?\[([^\]]*)\]/g, '.$2')
          .replace(/^\./, ''),
        message: `an API server refuses the schema: ${error.body}`,
        advice: 'change the schema of this field',
      })),
    });
  }
  const subresources = { ...(kind.subresources.status ? { status: {} } : {}), ...(scale ? { scale } : {}) };
  return {
    name: kind.version,
    served,
    storage,
    ...(deprecated ? { deprecated } : {}),
    ...(deprecationWarning === undefined ? {} : { deprecationWarning }),
    schema: { openAPIV3Schema: shortenDescriptions(schema, options.maxDescriptionLength ?? 1000) },
    ...(Object.keys(subresources).length > 0 ? { subresources } : {}),
    ...(columns.length > 0
      ? { additionalPrinterColumns: columns.map(({ path, ...column }) => ({ ...column, jsonPath: path })) }
      : {}),
    ...(selectableFields.length > 0 ? { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) } : {}),
  };
}
