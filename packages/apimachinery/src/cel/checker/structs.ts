import type { VariableDeclaration } from '../declarations/index.ts';
import { errorType, type Type, type TypeKind } from '../types/index.ts';

const messageNames: Partial<Readonly<Record<TypeKind, string>>> = {
  any: 'google.protobuf.Any',
  bool: 'google.protobuf.BoolValue',
  bytes: 'google.protobuf.BytesValue',
  double: 'google.protobuf.DoubleValue',
  duration: 'google.protobuf.Duration',
  dyn: 'google.protobuf.Value',
  int: 'google.protobuf.Int64Value',
  list: 'google.protobuf.ListValue',
  null: 'google.protobuf.NullValue',
  map: 'google.protobuf.Struct',
  string: 'google.protobuf.StringValue',
  timestamp: 'google.protobuf.Timestamp',
  uint: 'google.protobuf.UInt64Value',
};

/** Whether a type of CEL's own is what a message of `google.protobuf` is seen as. */
const isWellKnown = (type: Type): boolean => {
  switch (type.kind) {
    case 'any':
    case 'timestamp':
    case 'duration':
    case 'dyn':
    case 'null':
      return true;
    case 'bool':
    case 'bytes':
    case 'double':
    case 'int':
    case 'string':
    case 'uint':
      return type.nullable === true;
    case 'list':
      return type.parameters[0]?.kind === 'dyn';
    case 'map':
      return type.parameters[0]?.kind === 'string' && type.parameters[1]?.kind === 'dyn';
    default:
      return false;
  }
};

const declaredName = (type: Type): string => (type.nullable === true ? `wrapper(${type.name})` : type.name);

/** The type of a struct literal of a name, and what is wrong if it names no message. */
export const structResult = (found: VariableDeclaration): { readonly type: Type; readonly problem?: string } => {
  if (found.type.kind === 'error') return { type: errorType };
  if (found.type.kind !== 'type') return { type: errorType, problem: `'${declaredName(found.type)}' is not a type` };
  const type = found.type.parameters[0] ?? errorType;
  if (isWellKnown(type) || type.kind === 'struct') return { type };
  return { type: errorType, problem: `'${declaredName(type)}' is not a message type` };
};

/** The name under which the provider knows the fields of a struct literal. */
export const checkedStructName = (name: string, type: Type): string => {
  if (type.kind === 'struct') return type.name;
  return (isWellKnown(type) ? messageNames[type.kind] : undefined) ?? name;
};
