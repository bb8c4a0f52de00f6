import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { type Field, structType, type TypeRef } from '@setpoint/apimachinery/kinds';
import { isObject } from '../decode.ts';
import type { Loose } from '../walk.ts';

/**
 * Closed sets of values, of every field that has one. Structs are entered only where something below is closed.
 * Empty texts are left to the rules of each kind, which know whether the field is required.
 */
export function validateTypes(type: string, object: Loose): FieldError[] {
  const errors: FieldError[] = [];
  // The root's metadata is checked by the verbs; the status is the word of controllers.
  for (const field of structType(type).fields) {
    if (field.name === 'metadata' || field.name === 'status') continue;
    checkField(field, object[field.name], FieldPath.of(field.name), errors);
  }
  return errors;
}

function checkStruct(key: string, value: Loose, path: FieldPath, errors: FieldError[]): void {
  for (const field of structType(key).fields) checkField(field, value[field.name], path.child(field.name), errors);
}

function checkField(field: Field, value: Loose, path: FieldPath, errors: FieldError[]): void {
  if (value === undefined || value === null || !hasEnum(field.type)) return;
  // Behind a pointer the empty text was given on purpose.
  if (
    field.pointer &&
    value === '' &&
    field.type.kind === 'string' &&
    field.type.enum &&
    !field.type.enum.includes('')
  ) {
    errors.push(FieldError.notSupported(path, value, field.type.enum));
  }
  checkValue(field.type, value, path, errors);
}

function checkValue(type: TypeRef, value: Loose, path: FieldPath, errors: FieldError[]): void {
  if (type.kind === 'string') {
    if (type.enum && value !== '' && !type.enum.includes(value)) {
      errors.push(FieldError.notSupported(path, value, type.enum));
    }
  } else if (type.kind === 'list') {
    value.forEach((item: Loose, index: number) => {
      checkValue(type.items, item, path.index(index), errors);
    });
  } else if (type.kind === 'map') {
    for (const key of Object.keys(value)) checkValue(type.values, value[key], path.key(key), errors);
  } else if (type.kind === 'struct' && isObject(value)) checkStruct(type.type, value, path, errors);
}

const known = new Map<string, boolean>();

/** Whether a closed set is at or below a type. */
function hasEnum(type: TypeRef): boolean {
  if (type.kind === 'string') return type.enum !== undefined;
  if (type.kind === 'list') return hasEnum(type.items);
  if (type.kind === 'map') return hasEnum(type.values);
  if (type.kind !== 'struct') return false;
  const found = known.get(type.type);
  if (found !== undefined) return found;
  known.set(type.type, false);
  const has = structType(type.type).fields.some((field) => hasEnum(field.type));
  known.set(type.type, has);
  return has;
}
