import { builtinKind, openApiName, openApiSchemas } from '@setpoint/apimachinery/kinds';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { canonicalStruct, DecodeError, decodeStruct } from '../kinds/index.ts';
import type { Decoded, MutableObject, ServedResource, Strategy } from '../registry/index.ts';
import { badRequest } from '../status/index.ts';
import { definitionGroup, definitionResourceName } from './definition.ts';
import { defaultTable } from './table.ts';

const kind = 'CustomResourceDefinition';
const type = `${definitionGroup}/v1.${kind}`;

/** A definition as Go writes it: members in the order of its structs. */
export function canonicalDefinition(object: KubeObject): KubeObject {
  const whole = { ...(object as MutableObject), apiVersion: `${definitionGroup}/v1`, kind };
  return canonicalStruct(type, whole) as unknown as KubeObject;
}

export function decodeDefinition(body: MutableObject): Decoded {
  const problems: string[] = [];
  try {
    return { object: decodeStruct(type, body, problems) as MutableObject, problems };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw badRequest(`${kind} in version "v1" cannot be handled as a ${kind}: ${error.message}`);
  }
}

/** The served resource of definitions, around the strategy that definition-strategy.ts makes. */
export function servedDefinitions(strategy: Strategy): ServedResource {
  const facts = builtinKind(definitionGroup, 'v1', kind);
  if (facts === undefined) throw new Error(`the tables of built-in kinds lack ${kind}`);
  return {
    group: definitionGroup,
    version: 'v1',
    kind,
    listKind: facts.listKind,
    resource: definitionResourceName,
    singular: facts.singular,
    namespaced: false,
    shortNames: facts.shortNames,
    categories: facts.categories,
    strategy,
    table: defaultTable,
    subresources: { status: true },
    verbs: facts.verbs,
    storageKey: `${definitionGroup}/${definitionResourceName}`,
    fromStorage: (object) => object,
    toStorage: canonicalDefinition,
    asWritten: canonicalDefinition,
    encodingVersion: `${definitionGroup}/v1`,
    discovery: facts,
    ...(facts.storageVersionHash ? { storageVersionHash: facts.storageVersionHash } : {}),
    custom: false,
    openApiComponents: (documentation) => ({
      name: openApiName(type),
      schemas: openApiSchemas(type, documentation),
    }),
  };
}
