import type { StatusCause } from '@setpoint/apimachinery/meta';
import { isInvalid } from 'setpoint/errors';
import type { CrdManifest } from 'setpoint/manifests';
import { Failure } from '../failure.ts';

/** What of a CRD in a cluster says in which versions its objects lie in storage. */
export interface StoredCrd {
  readonly status?: { readonly storedVersions?: readonly string[] | null };
}

/** Versions in which objects may be stored, and that a new definition leaves out. */
export function droppedVersions({ spec }: CrdManifest, present: StoredCrd): readonly string[] {
  const declared = spec.versions.map(({ name }) => name);
  return (present.status?.storedVersions ?? []).filter((name) => !declared.includes(name));
}

/**
 * @throws Failure where the new definition leaves out a version in which objects may still be stored: the server would
 * refuse it, and could read those objects no more
 */
export function keepStoredVersions(manifest: CrdManifest, present: StoredCrd): void {
  const dropped = droppedVersions(manifest, present);
  if (dropped.length === 0) return;
  const { metadata, spec } = manifest;
  const { name } = metadata;
  const target = spec.versions.find(({ storage }) => storage)?.name ?? spec.versions[0]?.name;
  const some = dropped.join(', ');
  throw new Failure(
    [
      `the CRD ${name} cannot lose ${some}: objects may be stored in it (status.storedVersions)`,
      'if the versions differ in nothing but their names, `setpoint install --migrate` does all of what follows',
      `declare ${some} again with \`served: false\` and install that`,
      `run \`setpoint migrate-storage\`: it writes every object once, so that all are stored in ${target}, and says so in the status`,
      `then install without ${some}`,
    ].join('\n  '),
  );
}

/** What the server has against a CRD, a line for each field; any other error as it is. */
export function explainRefusal(manifest: CrdManifest, error: unknown): unknown {
  if (!isInvalid(error)) return error;
  const causes = error.status.details?.causes ?? [];
  if (causes.length === 0) return error;
  const lines = new Set(causes.map((cause) => lineOf(manifest, cause)));
  return new Failure(`the cluster refuses the CRD ${manifest.metadata.name}:\n  ${[...lines].join('\n  ')}`, {
    cause: error,
  });
}

function lineOf(manifest: CrdManifest, { field = '', message = '' }: StatusCause): string {
  const place = propertyAt(manifest, field);
  return `${field}: ${message.replaceAll('\n', '\n    ')}${place === undefined ? '' : ` (${place} of the kind's schema)`}`;
}

const schemaField = /^spec\.(?:versions\[(\d+)\]\.schema|validation)\.openAPIV3Schema\.?(.*)$/;

/** A path inside an OpenAPI schema as the path of the property that a person declared: `v1: spec.size[]`. */
function propertyAt({ spec }: CrdManifest, field: string): string | undefined {
  const [, index, rest = ''] = schemaField.exec(field) ?? [];
  const properties = [...rest.matchAll(/properties\[([^\]]+)\]|\b(items|additionalProperties)\b/g)].map(
    ([, name, inside]) => name ?? (inside === undefined ? '' : '[]'),
  );
  if (properties.length === 0) return undefined;
  const version = index === undefined ? undefined : spec.versions[Number(index)]?.name;
  const path = properties.join('.').replaceAll('.[]', '[]');
  return version === undefined ? path : `${path} in version ${version}`;
}
