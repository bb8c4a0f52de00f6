import { formatApiVersion, type JsonValue, type KubeObject } from '@setpoint/apimachinery/meta';
import type { StructuralSchema } from '@setpoint/apimachinery/schema';
import type { ServedResource } from '../registry/index.ts';
import { createFieldManager, type FieldManager } from './field-manager.ts';
import {
  asTyped,
  builtinType,
  type Converter,
  deducedType,
  MissingVersionError,
  structuralType,
  type TypeSchema,
} from './merge/index.ts';
import { resetFields } from './reset-fields.ts';

const known = new WeakMap<ServedResource, Map<string, FieldManager>>();

/** The field manager of a resource or of one of its subresources; it is made at the first write. */
export function fieldManagerOf(resource: ServedResource, subresource: string): FieldManager {
  let managers = known.get(resource);
  if (!managers) {
    managers = new Map();
    known.set(resource, managers);
  }
  let manager = managers.get(subresource);
  if (!manager) {
    manager = subresource === 'scale' ? scaleManager(resource) : objectManager(resource, subresource);
    managers.set(subresource, manager);
  }
  return manager;
}

const knownTypes = new WeakMap<ServedResource, TypeSchema>();

/** By what objects of the resource are merged. */
export function typeOf(resource: ServedResource): TypeSchema {
  const type = knownTypes.get(resource) ?? typesOf(resource)(formatApiVersion(resource.group, resource.version));
  knownTypes.set(resource, type);
  return type;
}

function objectManager(resource: ServedResource, subresource: string): FieldManager {
  const { group, version, kind } = resource;
  const apiVersion = formatApiVersion(group, version);
  const types = typesOf(resource);
  const empty = { apiVersion, kind, metadata: {} };
  return createFieldManager({
    apiVersion,
    kind,
    subresource,
    type: types(apiVersion),
    converter: converterOf(resource, types),
    empty: resource.asWritten?.(empty) ?? ({ apiVersion, kind } as KubeObject),
    reset: resetFields(resource, subresource),
    resetIn: resource.versions?.apiVersions,
  });
}

/** By version; a version that is not there is an Error of which the message is the server's. */
type Types = (apiVersion: string) => TypeSchema;

function typesOf({ kind, custom, versions }: ServedResource): Types {
  const types = new Map<string, TypeSchema>();
  const make = (apiVersion: string): TypeSchema | undefined => {
    if (!custom) return builtinType(...groupVersion(apiVersion), kind);
    return versions?.schema ? structuralType(versions.schema(apiVersion)) : deducedType;
  };
  return (apiVersion) => {
    const type = types.get(apiVersion) ?? make(apiVersion);
    if (!type) throw new MissingVersionError(`no corresponding type for ${apiVersion}, Kind=${kind}`);
    types.set(apiVersion, type);
    return type;
  };
}

function groupVersion(apiVersion: string): [group: string, version: string] {
  const slash = apiVersion.lastIndexOf('/');
  return [apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1)];
}

function converterOf({ versions }: ServedResource, types: Types): Converter {
  return {
    convert(object, apiVersion) {
      const given = object.value as unknown as KubeObject;
      if (given.apiVersion === apiVersion) return object;
      const type = types(apiVersion);
      const converted = versions?.convert(given, apiVersion);
      if (!converted) throw new MissingVersionError(`no kind is registered for ${apiVersion}`);
      return asTyped(converted as unknown as JsonValue, type);
    },
  };
}

const integer = { type: 'integer' };
const text = { type: 'string' };
const scaleSchema: StructuralSchema = {
  type: 'object',
  properties: {
    apiVersion: text,
    kind: text,
    metadata: { type: 'object' },
    spec: { type: 'object', properties: { replicas: integer } },
    status: { type: 'object', properties: { replicas: integer, selector: text } },
  },
};

/** Scales are of one version; who owns them is taken from and put into the owners of the object (scale.ts). */
function scaleManager(resource: ServedResource): FieldManager {
  const apiVersion = 'autoscaling/v1';
  return createFieldManager({
    apiVersion,
    kind: 'Scale',
    subresource: 'scale',
    type: structuralType(scaleSchema),
    converter: {
      convert(object, wanted) {
        if (wanted === apiVersion) return object;
        throw new MissingVersionError(`no kind is registered for ${wanted}`);
      },
    },
    empty: { apiVersion, kind: 'Scale', metadata: {}, spec: {}, status: { replicas: 0 } } as KubeObject,
    ...(resource.custom ? { unconvertible: `request to convert CR to an invalid group/version: ${apiVersion}` } : {}),
  });
}
