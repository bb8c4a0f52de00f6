import type { TypeProvider } from './provider.ts';
import { dynType, objectType, stringType } from './types.ts';
import { wellKnownTypes } from './well-known.ts';

/** What an expression of a mutating policy makes: `Object{spec: Object.spec{…}}`, or a list of `JSONPatch{…}`. */
const patchFields: readonly string[] = ['op', 'path', 'from', 'value'];

const isObject = (name: string): boolean => name === 'Object' || name.startsWith('Object.');

/**
 * The types that mutating policies construct: `JSONPatch`, and `Object` with a type for each path of fields, of which
 * nothing else is known.
 */
export const mutationTypes: TypeProvider = {
  ...wellKnownTypes,
  findStructType: (name) =>
    isObject(name) || name === 'JSONPatch' ? objectType(name) : wellKnownTypes.findStructType(name),
  findStructFieldNames(name) {
    if (isObject(name)) return [];
    return name === 'JSONPatch' ? patchFields : wellKnownTypes.findStructFieldNames(name);
  },
  findStructFieldType(name, field) {
    if (isObject(name)) return { type: dynType };
    if (name !== 'JSONPatch') return wellKnownTypes.findStructFieldType(name, field);
    if (!patchFields.includes(field)) return undefined;
    return { type: field === 'value' ? dynType : stringType };
  },
  constructs: (name) => isObject(name) || name === 'JSONPatch',
};
