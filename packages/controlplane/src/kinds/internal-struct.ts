import { structType, type TypeRef } from '@setpoint/apimachinery/kinds';
import type { Loose } from './walk.ts';

/** A struct as the server shows it where it repeats one in an error: all members, by their names in Go. */
export function internalStruct(key: string, value: Loose): Loose {
  const shown = structType(key).fields.map((field) => {
    const given = value[field.name];
    const name = field.name.replace(/^(api(?=[A-Z])|se(?=L)|[a-z])/, (start) => start.toUpperCase());
    return [name, given === undefined ? zeroInGo(field.type, field.pointer) : internalValue(field.type, given)];
  });
  return Object.fromEntries(shown);
}

function internalValue(type: TypeRef, value: Loose): Loose {
  if (type.kind === 'struct') return internalStruct(type.type, value);
  return type.kind === 'list' ? value.map((item: Loose) => internalValue(type.items, item)) : value;
}

function zeroInGo(type: TypeRef, pointer: boolean): Loose {
  if (pointer) return null;
  if (type.kind === 'struct') return internalStruct(type.type, {});
  if (type.kind === 'string') return '';
  if (type.kind === 'bool') return false;
  return type.kind === 'integer' ? 0 : null;
}
