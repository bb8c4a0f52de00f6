import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1035Label, dns1123Subdomain } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { schemaHas, validateObjectMeta } from '@setpoint/apimachinery/schema';
import { approvalAnnotation, approvalOf, isProtectedGroup } from './approval.ts';
import { bundleOf, bundleProblem } from './ca-bundle.ts';
import { validateConversion } from './conversion-validation.ts';
import { type Definition, type DefinitionSpec, isTrue, statusOf } from './definition.ts';
import { type InternalSpec, internalForm, internalVersions } from './internal-form.ts';
import { validateNames } from './names-validation.ts';
import { validateColumns, validateParts } from './parts-validation.ts';

const spec = FieldPath.of('spec');

/** What a server says about a new definition; empty when it takes it. */
export function validateDefinition(definition: Definition): readonly FieldError[] {
  const { plural = '' } = definition.spec.names ?? {};
  const expected = `${plural}.${definition.spec.group ?? ''}`;
  const name = (value: string, isPrefix: boolean) => {
    const errors = dns1123Subdomain(isPrefix ? value.replace(/-$/, 'a') : value);
    return value === expected ? errors : [...errors, 'must be spec.names.plural+"."+spec.group'];
  };
  return [
    ...validateObjectMeta(definition.metadata, { namespaced: false, name }, FieldPath.of('metadata')),
    ...validateSpec(definition.spec, undefined),
    ...validateStatus(definition),
    ...validateStoredVersions(definition),
    ...validateApproval(definition, undefined),
    ...validatePreserveUnknownFields(definition, undefined),
  ];
}

export function validateDefinitionUpdate(definition: Definition, old: Definition): readonly FieldError[] {
  return [
    ...validateSpecUpdate(definition, old),
    ...validateStatus(definition),
    ...validateStoredVersions(definition),
    ...validateApproval(definition, old),
    ...validatePreserveUnknownFields(definition, old),
  ];
}

export function validateDefinitionStatusUpdate(definition: Definition): readonly FieldError[] {
  return validateStatus(definition);
}

function validateStatus(definition: Definition): FieldError[] {
  return validateNames(statusOf(definition).acceptedNames, FieldPath.of('status', 'acceptedNames'));
}

function validateSpecUpdate(definition: Definition, old: Definition): FieldError[] {
  const errors = validateSpec(definition.spec, old.spec);
  const immutable = (value: unknown, before: unknown, path: FieldPath) => {
    if (!deepEqual(value, before)) errors.push(FieldError.invalid(path, value, 'field is immutable'));
  };
  if (isTrue(old, 'Established')) {
    immutable(definition.spec.scope, old.spec.scope, spec.child('scope'));
    immutable(definition.spec.names.kind, old.spec.names.kind, spec.child('names', 'kind'));
  }
  errors.push(...validateBundle(definition, old));
  immutable(definition.spec.group, old.spec.group, spec.child('group'));
  immutable(definition.spec.names.plural, old.spec.names.plural, spec.child('names', 'plural'));
  return errors;
}

/** A bundle that is none may stay, and may be there until the definition is established. */
function validateBundle(definition: Definition, old: Definition): FieldError[] {
  const problem = bundleProblem(bundleOf(definition));
  if (problem === undefined || !isTrue(old, 'Established') || bundleProblem(bundleOf(old)) !== undefined) return [];
  const at = spec.child('conversion', 'webhookClientConfig', 'caBundle');
  return [FieldError.invalid(at, bundleOf(definition), problem)];
}

function validateSpec(value: DefinitionSpec, old: DefinitionSpec | undefined): FieldError[] {
  const internal = internalForm(value);
  return [
    ...validateGroup(value.group ?? ''),
    ...validateScope(value.scope ?? ''),
    ...requireSchemas(value),
    ...validateVersions(value, internal, old),
    ...requireNames(value),
    ...validateNames(value.names ?? { plural: '', kind: '' }, spec.child('names')),
    ...validateParts(internal.shared, spec, 'validation', hasStatus(value)),
    ...validateColumns(internal.shared.additionalPrinterColumns, spec),
    ...validateConversionOfUnknown(value),
    ...validateConversion(value.conversion, spec.child('conversion')),
  ];
}

function validateConversionOfUnknown({ conversion, preserveUnknownFields }: DefinitionSpec): FieldError[] {
  if (preserveUnknownFields !== true || conversion === undefined || conversion.strategy === 'None') return [];
  const must = 'must be None if spec.preserveUnknownFields is true';
  return [FieldError.invalid(spec.child('conversion', 'strategy'), conversion.strategy, must)];
}

function hasStatus(value: DefinitionSpec): boolean {
  return (value.versions ?? []).some((version) => version.subresources?.status !== undefined);
}

function validateGroup(group: string): FieldError[] {
  const at = spec.child('group');
  if (group === '') return [FieldError.required(at)];
  const problems = dns1123Subdomain(group);
  if (problems.length > 0) return [FieldError.invalid(at, group, problems.join(','))];
  return group.includes('.') ? [] : [FieldError.invalid(at, group, 'should be a domain with at least one dot')];
}

function validateScope(scope: string): FieldError[] {
  const at = spec.child('scope');
  if (scope === '') return [FieldError.required(at)];
  const scopes = ['Cluster', 'Namespaced'];
  return scopes.includes(scope) ? [] : [FieldError.notSupported(at, scope, scopes)];
}

function requireSchemas(value: DefinitionSpec): FieldError[] {
  const missing: FieldError[] = [];
  for (const [i, version] of (value.versions ?? []).entries()) {
    if (version.schema?.openAPIV3Schema === undefined) {
      missing.push(FieldError.required(spec.child('versions').index(i).child('schema', 'openAPIV3Schema')));
    }
  }
  const hasDefaults = (value.versions ?? []).some(
    (version) =>
      version.schema?.openAPIV3Schema &&
      schemaHas(version.schema.openAPIV3Schema, (node) => node.default !== undefined),
  );
  if (hasDefaults && value.preserveUnknownFields === true) {
    const detail = 'must be false in order to use defaults in the schema';
    missing.push(FieldError.invalid(spec.child('preserveUnknownFields'), true, detail));
  }
  return missing;
}

function validateVersions(
  value: DefinitionSpec,
  internal: InternalSpec,
  _old: DefinitionSpec | undefined,
): FieldError[] {
  const errors: FieldError[] = [];
  const at = spec.child('versions');
  for (const [i, version] of internal.versions.entries()) {
    const here = at.index(i);
    const problems = dns1035Label(version.name ?? '');
    if (problems.length > 0)
      errors.push(FieldError.invalid(here.child('name'), version.name ?? '', problems.join(',')));
    for (const problem of warningProblems(version.deprecated === true, version.deprecationWarning)) {
      errors.push(FieldError.invalid(here.child('deprecationWarning'), version.deprecationWarning, problem));
    }
    const status = value.versions[i]?.subresources?.status !== undefined;
    errors.push(
      ...validateParts(version, here, 'schema', status),
      ...validateColumns(version.additionalPrinterColumns, here),
    );
  }
  const names = internal.versions.map((version) => version.name);
  const repeated = (detail: string) =>
    errors.push(
      FieldError.invalid(at, value.versions === undefined ? null : internalVersions(internal.versions), detail),
    );
  if (new Set(names).size !== names.length) repeated('must contain unique version names');
  if (internal.versions.filter((version) => version.storage === true).length !== 1) {
    repeated('must have exactly one version marked as storage version');
  }
  const [first] = names;
  const problems = first ? dns1035Label(first) : [];
  if (problems.length > 0) errors.push(FieldError.invalid(spec.child('version'), first, problems.join(',')));
  return errors;
}

function warningProblems(isDeprecated: boolean, warning: string | undefined): string[] {
  if (warning === undefined) return [];
  if (!isDeprecated) return ['can only be set for deprecated versions'];
  const problems: string[] = [];
  if (Buffer.byteLength(warning) > 256) problems.push('must be <= 256 characters long');
  if (warning === '') problems.push('must not be an empty string');
  let index = 0;
  for (const character of warning) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) {
      const must = 'must only contain printable UTF-8 characters';
      problems.push(`${must}; non-printable character found at index ${index}`);
      break;
    }
    index += Buffer.byteLength(character);
  }
  return problems;
}

function requireNames(value: DefinitionSpec): FieldError[] {
  return (['plural', 'singular', 'kind', 'listKind'] as const)
    .filter((name) => (value.names?.[name] ?? '') === '')
    .map((name) => FieldError.required(spec.child('names', name)));
}

/** Versions that may still be in the store must stay in the definition. */
function validateStoredVersions(definition: Definition): FieldError[] {
  const stored = statusOf(definition).storedVersions ?? [];
  const at = FieldPath.of('status', 'storedVersions');
  if (stored.length === 0) return [FieldError.invalid(at, null, 'must have at least one stored version')];
  const errors: FieldError[] = [];
  const versions = definition.spec.versions ?? [];
  const notYetNamed = new Set(stored);
  for (const { name, storage } of versions) {
    // A version that is there twice is taken from the stored ones by its first occurrence.
    if (!notYetNamed.delete(name) && storage) {
      errors.push(FieldError.invalid(at, stored, `must have the storage version ${name}`));
    }
  }
  for (const [i, name] of stored.entries()) {
    if (versions.some((version) => version.name === name)) continue;
    const detail = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(FieldError.invalid(at.index(i), name, detail));
  }
  return errors;
}

function validateApproval(definition: Definition, old: Definition | undefined): FieldError[] {
  if (!isProtectedGroup(definition.spec.group ?? '')) return [];
  const { state, reason } = approvalOf(definition);
  if (state === 'approved' || state === 'bypassed' || (old && approvalOf(old).state === state)) return [];
  const at = FieldPath.of('metadata', 'annotations').key(approvalAnnotation);
  if (state === 'missing') return [FieldError.required(at, reason)];
  return [FieldError.invalid(at, definition.metadata.annotations?.[approvalAnnotation], reason)];
}

function validatePreserveUnknownFields(definition: Definition, old: Definition | undefined): FieldError[] {
  if (definition.spec.preserveUnknownFields !== true || old?.spec.preserveUnknownFields === true) return [];
  const detail =
    'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
  return [FieldError.invalid(spec.child('preserveUnknownFields'), true, detail)];
}
