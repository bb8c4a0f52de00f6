/** CEL's types as the checker sees them (cel-go's `common/types`): a kind, a name and parameters. */

export type TypeKind =
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'opaque'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'typeParam'
  | 'uint';

export interface Type {
  readonly kind: TypeKind;
  /** The name at run time, parameters erased: what `type(x)` prints. */
  readonly name: string;
  /** List: the element. Map: key and value. Type: the type it denotes, if known. Opaque: whatever it is generic in. */
  readonly parameters: readonly Type[];
  /** A wrapper: null can be assigned to it. */
  readonly nullable?: true;
}

const none: readonly Type[] = [];
const simple = (kind: TypeKind, name: string): Type => ({ kind, name, parameters: none });

export const anyType = simple('any', 'google.protobuf.Any');
export const boolType = simple('bool', 'bool');
export const bytesType = simple('bytes', 'bytes');
export const doubleType = simple('double', 'double');
export const durationType = simple('duration', 'google.protobuf.Duration');
export const dynType = simple('dyn', 'dyn');
export const errorType = simple('error', 'error');
export const intType = simple('int', 'int');
export const nullType = simple('null', 'null_type');
export const stringType = simple('string', 'string');
export const timestampType = simple('timestamp', 'google.protobuf.Timestamp');
/** The type of types, of which it is not known what they denote. */
export const typeType = simple('type', 'type');
export const uintType = simple('uint', 'uint');

export const listType = (element: Type): Type => ({ kind: 'list', name: 'list', parameters: [element] });
export const mapType = (key: Type, value: Type): Type => ({ kind: 'map', name: 'map', parameters: [key, value] });
/** The type of the identifier that names `denoted`. */
export const typeOfType = (denoted: Type): Type => ({ kind: 'type', name: 'type', parameters: [denoted] });
export const opaqueType = (name: string, ...parameters: Type[]): Type => ({ kind: 'opaque', name, parameters });
export const optionalType = (value: Type): Type => opaqueType('optional_type', value);
export const typeParameter = (name: string): Type => simple('typeParam', name);
/** A wrapper of a primitive type: also takes null. */
export const nullableType = (wrapped: Type): Type => ({ ...wrapped, nullable: true });

const wellKnown: ReadonlyMap<string, Type> = new Map([
  ['google.protobuf.BoolValue', nullableType(boolType)],
  ['google.protobuf.BytesValue', nullableType(bytesType)],
  ['google.protobuf.DoubleValue', nullableType(doubleType)],
  ['google.protobuf.FloatValue', nullableType(doubleType)],
  ['google.protobuf.Int64Value', nullableType(intType)],
  ['google.protobuf.Int32Value', nullableType(intType)],
  ['google.protobuf.UInt64Value', nullableType(uintType)],
  ['google.protobuf.UInt32Value', nullableType(uintType)],
  ['google.protobuf.StringValue', nullableType(stringType)],
  ['google.protobuf.Any', anyType],
  ['google.protobuf.Duration', durationType],
  ['google.protobuf.Timestamp', timestampType],
  ['google.protobuf.ListValue', listType(dynType)],
  ['google.protobuf.NullValue', nullType],
  ['google.protobuf.Struct', mapType(stringType, dynType)],
  ['google.protobuf.Value', dynType],
]);

/** The type of messages named `name`: a struct, except for the messages CEL knows as types of its own. */
export const objectType = (name: string): Type => wellKnown.get(name) ?? simple('struct', name);

/** Whether anything can be assigned to it at check time. */
export const isDynamic = (type: Type): boolean =>
  type.kind === 'dyn' || type.kind === 'any' || type.kind === 'typeParam';

/** Whether both are the same type. Names of type parameters count only if `parameterNames` says so. */
export const sameType = (a: Type, b: Type, parameterNames = true): boolean => {
  if (a === b) return true;
  if (a.kind !== b.kind || a.parameters.length !== b.parameters.length) return false;
  if ((parameterNames || a.kind !== 'typeParam') && a.name !== b.name) return false;
  return a.parameters.every((parameter, i) => sameType(parameter, b.parameters[i] as Type, parameterNames));
};

/** Whether a value of type `from` can stand where `to` is wanted, without looking at type parameters' bindings. */
export const isAssignableType = (to: Type, from: Type): boolean => {
  if (to === from || isDynamic(to)) return true;
  if (to.nullable === true && from.kind === 'null') return true;
  if (to.kind !== from.kind || to.name !== from.name || to.parameters.length !== from.parameters.length) return false;
  return to.parameters.every((parameter, i) => isAssignableType(parameter, from.parameters[i] as Type));
};
