import type { Type } from './types.ts';

/** What is known of one field of a struct type. */
export interface FieldType {
  readonly type: Type;
}

/**
 * Where the checker and the interpreter learn about struct types and enumerations: schema-typed objects of custom
 * resources, `request` in admission, the `Object` of mutating policies. Names are fully qualified.
 */
export interface TypeProvider {
  /** The struct type of that name, if there is one. */
  findStructType(name: string): Type | undefined;
  /** The names of its fields; undefined if there is no such type. */
  findStructFieldNames(name: string): readonly string[] | undefined;
  /** The field's type; undefined if the type or the field is unknown. */
  findStructFieldType(name: string, field: string): FieldType | undefined;
  /** The type an identifier denotes (`int`, `google.protobuf.Duration`, `net.IP`), as a value of type `type`. */
  findTypeIdent(name: string): Type | undefined;
  /** Whether values of that struct type can be made by literals. @default none can */
  constructs?(name: string): boolean;
  /** The number of an enumeration's value. */
  findEnumValue(name: string): bigint | undefined;
}
