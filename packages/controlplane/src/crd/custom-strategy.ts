import { FieldError, FieldPath, goQuote } from '@setpoint/apimachinery/errors';
import { compileJsonPath } from '@setpoint/apimachinery/jsonpath';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { dns1123Subdomain } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import {
  type CompiledSchema,
  compileSchema,
  finalizerWarnings,
  validateObjectMeta,
} from '@setpoint/apimachinery/schema';
import type { Decoded, MutableObject, Strategy } from '../registry/index.ts';
import { badRequest } from '../status/index.ts';
import type { CustomCodec } from './custom-codec.ts';
import type { Definition, DefinitionVersion } from './definition.ts';
import { validateScaleSpec, validateScaleStatus } from './scale.ts';

/** What a custom resource of one version does in the hooks of the verbs. */
export function customStrategy(definition: Definition, version: DefinitionVersion, codec: CustomCodec): Strategy {
  const { group, names, scope } = definition.spec;
  const schema = version.schema?.openAPIV3Schema;
  const compiled = lazily(() => compileSchema(schema ?? {}));
  const compiledStatus = lazily(() => compileSchema(schema?.properties?.status ?? {}));
  const rules = { namespaced: scope === 'Namespaced', name: subdomainName };
  const hasStatus = version.subresources?.status !== undefined;
  const scale = version.subresources?.scale;
  const typeErrors = (object: KubeObject) => validateTypeMeta(object, names.kind, `${group}/${version.name}`);
  const selectable = (version.selectableFields ?? []).map(({ jsonPath }) => ({
    name: jsonPath.replace(/^\./, ''),
    path: compileJsonPath(jsonPath),
  }));
  return {
    decode: (body) => decode(body, codec, names.kind, version.name),
    applyDefaults: (object) => replaceMembers(object, codec.applyDefaults(object)),
    prepareForCreate(object) {
      if (hasStatus) delete object.status;
    },
    prepareForUpdate(object, old) {
      if (hasStatus) restore(object, old, 'status');
    },
    prepareForStatusUpdate: keepStatusOnly,
    validate(object) {
      const wrongType = typeErrors(object);
      if (wrongType.length > 0) return wrongType;
      return [
        ...validateObjectMeta(object.metadata, rules, FieldPath.of('metadata')),
        ...compiled().validateKeywords(object),
        ...(scale ? [...validateScaleSpec(object, scale), ...validateScaleStatus(object, scale)] : []),
        ...compiled().validateEmbedded(object),
        ...compiled().validateListTypes(object),
      ];
    },
    validateUpdate(object, old) {
      const wrongType = typeErrors(object);
      if (wrongType.length > 0) return wrongType;
      return [
        ...compiled().validateKeywords(object, { old }),
        ...(scale ? [...validateScaleSpec(object, scale), ...validateScaleStatus(object, scale)] : []),
        ...compiled().validateEmbedded(object),
        ...compiled().validateListTypes(object, { old }),
      ];
    },
    validateStatusUpdate(object, old) {
      const wrongType = typeErrors(object);
      if (wrongType.length > 0) return wrongType;
      return [
        ...statusErrors(object, old, compiledStatus),
        ...(scale ? validateScaleStatus(object, scale) : []),
        ...compiled().validateListTypes(object, { old }),
      ];
    },
    warnings(object, old) {
      const before = new Set(old?.metadata.finalizers ?? []);
      return finalizerWarnings((object.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer)));
    },
    generationChanged: (object, old) => !sameApartFromMetadata(object, old),
    allowUnconditionalUpdate: false,
    allowCreateOnUpdate: false,
    ...(selectable.length === 0
      ? {}
      : {
          selectableFieldNames: selectable.map((field) => field.name),
          selectableFields: (object) =>
            Object.fromEntries(selectable.map((field) => [field.name, selectableValue(field.path.find(object)[0])])),
        }),
  };
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function decode(body: MutableObject, codec: CustomCodec, kind: string, version: string): Decoded {
  const { object, unknown, error } = codec.decode(body);
  if (error !== undefined) {
    throw badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${kind}: ${error}`);
  }
  return { object: object as MutableObject, problems: unknown.map((path) => `unknown field "${path}"`) };
}

function statusErrors(object: KubeObject, old: KubeObject, compiled: () => CompiledSchema): FieldError[] {
  const { status } = object as MutableObject;
  if (status === undefined) return [];
  return compiled().validateKeywords(status, { path: 'status', old: (old as MutableObject).status });
}

function validateTypeMeta(object: KubeObject, kind: string, apiVersion: string): FieldError[] {
  const errors: FieldError[] = [];
  if (object.kind !== kind) errors.push(FieldError.invalid('kind', object.kind, `must be ${kind}`));
  if (object.apiVersion !== apiVersion) {
    errors.push(FieldError.invalid('apiVersion', object.apiVersion, `must be ${apiVersion}`));
  }
  return errors;
}

/** A prefix may end in a dash, which the generated part then follows. */
function subdomainName(name: string, isPrefix: boolean): string[] {
  return dns1123Subdomain(isPrefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -1)}a` : name);
}

/** A write of the status takes the status and nothing else. */
function keepStatusOnly(object: MutableObject, old: KubeObject): void {
  const { status } = object;
  const { managedFields } = object.metadata;
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, old);
  const metadata: Record<string, unknown> = { ...old.metadata };
  if (managedFields) metadata.managedFields = managedFields;
  (object as { metadata: object }).metadata = metadata;
  if (status === undefined) delete object.status;
  else object.status = status;
}

function restore(object: MutableObject, old: KubeObject, member: string): void {
  const value = (old as MutableObject)[member];
  if (value === undefined) delete object[member];
  else object[member] = value;
}

function replaceMembers(object: MutableObject, next: KubeObject): void {
  if (next === object) return;
  for (const key of Object.keys(object)) if (!Object.hasOwn(next, key)) delete object[key];
  Object.assign(object, next);
}

function sameApartFromMetadata(object: KubeObject, old: KubeObject): boolean {
  const { metadata: _new, ...rest } = object as MutableObject;
  const { metadata: _old, ...oldRest } = old as MutableObject;
  return deepEqual(rest, oldRest);
}

/** As Go prints it; absent and null are the empty string. */
function selectableValue(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}
