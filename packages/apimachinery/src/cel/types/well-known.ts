import type { TypeProvider } from './provider.ts';
import {
  boolType,
  bytesType,
  doubleType,
  dynType,
  intType,
  listType,
  mapType,
  objectType,
  stringType,
  type Type,
  typeOfType,
  uintType,
} from './types.ts';

const nullValue = intType;

const valueFields: Readonly<Record<string, Type>> = {
  null_value: nullValue,
  number_value: doubleType,
  string_value: stringType,
  bool_value: boolType,
  struct_value: mapType(stringType, dynType),
  list_value: listType(dynType),
};

/** The fields of the messages that protocol buffers bring along, by their names without `google.protobuf.`. */
const messages: Readonly<Record<string, Readonly<Record<string, Type>>>> = {
  Any: { type_url: stringType, value: bytesType },
  Duration: { seconds: intType, nanos: intType },
  Empty: {},
  Timestamp: { seconds: intType, nanos: intType },
  Struct: { fields: mapType(stringType, dynType) },
  'Struct.FieldsEntry': { key: stringType, value: dynType },
  Value: valueFields,
  ListValue: { values: listType(dynType) },
  DoubleValue: { value: doubleType },
  FloatValue: { value: doubleType },
  Int64Value: { value: intType },
  UInt64Value: { value: uintType },
  Int32Value: { value: intType },
  UInt32Value: { value: uintType },
  BoolValue: { value: boolType },
  StringValue: { value: stringType },
  BytesValue: { value: bytesType },
};

const prefix = 'google.protobuf.';

const fieldsOf = (name: string): Readonly<Record<string, Type>> | undefined => {
  const short = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return Object.hasOwn(messages, short) ? messages[short] : undefined;
};

/** Knows the messages of `google.protobuf` and nothing else. */
export const wellKnownTypes: TypeProvider = {
  findStructType(name) {
    return fieldsOf(name) === undefined ? undefined : objectType(name);
  },
  findStructFieldNames(name) {
    const fields = fieldsOf(name);
    return fields === undefined ? undefined : Object.keys(fields);
  },
  findStructFieldType(name, field) {
    const fields = fieldsOf(name);
    const type = fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
    return type === undefined ? undefined : { type };
  },
  findTypeIdent: (name) => (fieldsOf(name) === undefined ? undefined : typeOfType(objectType(name))),
  findEnumValue: (name) => (name === 'google.protobuf.NullValue.NULL_VALUE' ? 0n : undefined),
};

/** A provider over struct types given as tables of fields, before those of `rest`. */
export const structTypes = (
  structs: Readonly<Record<string, Readonly<Record<string, Type>>>>,
  rest: TypeProvider = wellKnownTypes,
): TypeProvider => {
  const find = (name: string) => (Object.hasOwn(structs, name) ? structs[name] : undefined);
  return {
    findStructType: (name) => (find(name) === undefined ? rest.findStructType(name) : objectType(name)),
    findStructFieldNames(name) {
      const fields = find(name);
      return fields === undefined ? rest.findStructFieldNames(name) : Object.keys(fields);
    },
    findStructFieldType(name, field) {
      const fields = find(name);
      if (fields === undefined) return rest.findStructFieldType(name, field);
      return Object.hasOwn(fields, field) ? { type: fields[field] as Type } : undefined;
    },
    constructs: (name) => find(name) === undefined && rest.constructs?.(name) === true,
    findTypeIdent: (name) => rest.findTypeIdent(name),
    findEnumValue: (name) => rest.findEnumValue(name),
  };
};
