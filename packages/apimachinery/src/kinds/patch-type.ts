import type { PatchField, PatchType } from '../patch/index.ts';
import { structType } from './tables.ts';
import type { Field, TypeRef } from './types.ts';

const structs = new Map<string, PatchType>();

/** What a strategic merge patch must know of a struct of the tables, `core/v1.PodSpec`. */
export function patchTypeOf(key: string): PatchType {
  let type = structs.get(key);
  if (!type) {
    type = structPatchType(key);
    structs.set(key, type);
  }
  return type;
}

function structPatchType(key: string): PatchType {
  const { name, fields, byName } = structType(key);
  const known = new Map<string, PatchField>();
  return {
    kind: 'struct',
    name,
    pointer: false,
    field(wanted) {
      // The names of directives find a field whatever their case, as Go's JSON decoder would.
      const folded = wanted.toLowerCase();
      const field = byName.get(wanted) ?? fields.find((one) => one.name.toLowerCase() === folded);
      if (!field) return undefined;
      let found = known.get(field.name);
      if (!found) {
        found = patchField(field);
        known.set(field.name, found);
      }
      return found;
    },
  };
}

function patchField(field: Field): PatchField {
  return {
    type: { ...typeOf(field.type), pointer: field.pointer },
    strategies: field.patchStrategy ?? [],
    mergeKey: field.patchMergeKey ?? '',
  };
}

function typeOf(type: TypeRef): PatchType {
  switch (type.kind) {
    case 'struct':
      return patchTypeOf(type.type);
    case 'list':
      return { kind: 'slice', name: '', pointer: false, items: typeOf(type.items) };
    case 'bytes':
      return { kind: 'slice', name: '', pointer: false, items: plain('uint8') };
    case 'integer':
      return plain(`int${type.bits}`);
    case 'string':
    case 'bool':
    case 'float64':
    case 'map':
      return plain(type.kind);
    default:
      // Types with an encoding of their own: structs whose fields no patch names.
      return { kind: 'struct', name: type.kind, pointer: false };
  }
}

function plain(kind: string): PatchType {
  return { kind, name: '', pointer: false };
}
