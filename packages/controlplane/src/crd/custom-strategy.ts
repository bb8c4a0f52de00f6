import { goQuote } from '@setpoint/apimachinery/errors';
import { compileJsonPath } from '@setpoint/apimachinery/jsonpath';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { finalizerWarnings } from '@setpoint/apimachinery/schema';
import type { Decoded, MutableObject, Strategy } from '../registry/index.ts';
import { badRequest } from '../status/index.ts';
import type { CustomCodec } from './custom-codec.ts';
import { customValidation } from './custom-validation.ts';
import type { Definition, DefinitionVersion } from './definition.ts';

/** What a custom resource of one version does in the hooks of the verbs. */
export function customStrategy(definition: Definition, version: DefinitionVersion, codec: CustomCodec): Strategy {
  const { kind } = definition.spec.names;
  const hasStatus = version.subresources?.status !== undefined;
  return {
    decode: (body) => decode(body, codec, kind, version.name),
    applyDefaults: (object) => replaceMembers(object, codec.applyDefaults(object)),
    prepareForCreate(object) {
      if (hasStatus) delete object.status;
    },
    prepareForUpdate(object, old) {
      if (hasStatus) restore(object, old, 'status');
    },
    prepareForStatusUpdate: keepStatusOnly,
    ...customValidation(definition, version),
    warnings(object, old) {
      const before = new Set(old?.metadata.finalizers ?? []);
      return finalizerWarnings((object.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer)));
    },
    generationChanged: (object, old) => !sameApartFromMetadata(object, old),
    allowUnconditionalUpdate: false,
    allowCreateOnUpdate: false,
    ...selection(version),
  };
}

/** The fields that a field selector may name. */
function selection(version: DefinitionVersion): Pick<Strategy, 'selectableFields' | 'selectableFieldNames'> {
  const fields = (version.selectableFields ?? []).map(({ jsonPath }) => ({
    name: jsonPath.replace(/^\./, ''),
    path: compileJsonPath(jsonPath),
  }));
  if (fields.length === 0) return {};
  return {
    selectableFieldNames: fields.map((field) => field.name),
    selectableFields: (object) =>
      Object.fromEntries(fields.map((field) => [field.name, selectableValue(field.path.find(object)[0])])),
  };
}

function decode(body: MutableObject, codec: CustomCodec, kind: string, version: string): Decoded {
  const { object, unknown, error } = codec.decode(body);
  if (error !== undefined) {
    throw badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${kind}: ${error}`);
  }
  return { object: object as MutableObject, problems: unknown.map((path) => `unknown field "${path}"`) };
}

/** A write of the status takes the status and nothing else. */
function keepStatusOnly(object: MutableObject, old: KubeObject): void {
  const { status } = object;
  const { managedFields } = object.metadata;
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, old);
  const metadata: Record<string, unknown> = { ...old.metadata };
  if (managedFields) metadata.managedFields = managedFields;
  else delete metadata.managedFields;
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
