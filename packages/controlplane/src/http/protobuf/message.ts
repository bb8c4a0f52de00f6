import { type Field, type Member, type StructType, structType, type TypeRef } from '@setpoint/apimachinery/kinds';
import { ProtobufError, Reader } from './reader.ts';
import { decodeSpecial } from './special.ts';

type Target = Record<string, unknown>;

/** Deeper than any object is; the stack of this program holds less than Go's. */
const deepest = 500;

/**
 * Reads a message as the struct `key` of the tables into the JSON that Go would have read to get the same struct:
 * zero values that Go does not tell from absent ones are left out. Unknown fields are passed over.
 * @throws ProtobufError
 */
export function decodeMessage(key: string, bytes: Uint8Array): Record<string, unknown> {
  return decodeInto({}, key, new Reader(bytes), 0);
}

function decodeInto(target: Target, key: string, reader: Reader, depth: number): Target {
  if (depth > deepest) throw new ProtobufError(`the message is nested more than ${deepest} deep`);
  const type = structType(key);
  const members = membersOf(key, type);
  while (!reader.done) {
    const { number, wire } = reader.tag(type.name);
    const member = members.get(number);
    if (member === undefined) reader.skip(wire);
    else if ('inline' in member) {
      expect(wire, 2, member.inline.slice(member.inline.lastIndexOf('.') + 1));
      decodeInto(target, member.inline, reader.message(), depth + 1);
    } else decodeField(target, member.field, reader, wire, depth);
  }
  return target;
}

function decodeField(target: Target, field: Field, reader: Reader, wire: number, depth: number): void {
  const { name, type } = field;
  if (type.kind === 'list') {
    target[name] ??= [];
    const list = target[name] as unknown[];
    if (wire === 2 && isPackable(type.items)) decodePacked(list, type.items, reader.message());
    else list.push(decodeValue(type.items, reader, wire, field, depth) ?? null);
    return;
  }
  if (type.kind === 'map') {
    expect(wire, 2, goFieldName(field));
    target[name] ??= {};
    decodeEntry(target[name] as Target, type.values, reader.message(), field, depth);
    return;
  }
  if (type.kind === 'struct') {
    // A message that comes in two parts is one.
    expect(wire, 2, goFieldName(field));
    const own = decodeInto((target[name] ?? {}) as Target, type.type, reader.message(), depth + 1);
    setOrLeaveOut(target, name, own, !field.pointer && Object.keys(own).length === 0);
    return;
  }
  const value = decodeValue(type, reader, wire, field, depth);
  setOrLeaveOut(target, name, value, value === undefined || (!field.pointer && isZero(type, value)));
}

function setOrLeaveOut(target: Target, name: string, value: unknown, zero: boolean): void {
  if (zero) delete target[name];
  else target[name] = value;
}

/** Undefined for a zero value that JSON writes as null. */
function decodeValue(type: TypeRef, reader: Reader, wire: number, field: Field, depth: number): unknown {
  expect(wire, wireOf(type), goFieldName(field));
  switch (type.kind) {
    case 'string':
      return reader.string();
    case 'bytes':
      return Buffer.from(reader.bytes()).toString('base64');
    case 'bool':
      return reader.boolean();
    case 'integer':
      return reader.integer(type.bits);
    case 'float64':
      return reader.double();
    case 'struct':
      return decodeInto({}, type.type, reader.message(), depth + 1);
    case 'list':
      return decodeItems(type.items, reader.message(), field, depth);
    case 'map':
      throw new Error(`a list or a map of maps has no protobuf form: ${field.name}`);
    case 'JSONSchemaPropsOrBool':
    case 'JSONSchemaPropsOrArray':
    case 'JSONSchemaPropsOrStringArray':
      return decodeSchemaOr(type.kind, reader.message(), depth);
    default:
      return decodeSpecial(type.kind, reader.message());
  }
}

/** A list inside a map is a message around it. */
function decodeItems(items: TypeRef, message: Reader, field: Field, depth: number): unknown[] {
  const list: unknown[] = [];
  while (!message.done) {
    const { number, wire } = message.tag(goFieldName(field));
    if (number === 1) list.push(decodeValue(items, message, wire, field, depth) ?? null);
    else message.skip(wire);
  }
  return list;
}

function decodePacked(list: unknown[], items: TypeRef, packed: Reader): void {
  while (!packed.done) {
    if (items.kind === 'float64') list.push(packed.double());
    else if (items.kind === 'bool') list.push(packed.boolean());
    else list.push(packed.integer(items.kind === 'integer' ? items.bits : 64));
  }
}

function decodeEntry(target: Target, values: TypeRef, entry: Reader, field: Field, depth: number): void {
  let key = '';
  let value = zeroOf(values);
  while (!entry.done) {
    const { number, wire } = entry.tag(goFieldName(field));
    if (number === 1) key = entry.string();
    else if (number === 2) value = decodeValue(values, entry, wire, field, depth) ?? null;
    else entry.skip(wire);
  }
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** A schema, or in its place a bool, a list of schemas or a list of names. */
function decodeSchemaOr(
  kind: 'JSONSchemaPropsOrBool' | 'JSONSchemaPropsOrArray' | 'JSONSchemaPropsOrStringArray',
  message: Reader,
  depth: number,
): unknown {
  const schemaNumber = kind === 'JSONSchemaPropsOrBool' ? 2 : 1;
  let schema: Target | undefined;
  let allows = false;
  const list: unknown[] = [];
  while (!message.done) {
    const { number, wire } = message.tag(kind);
    const nested = () => decodeInto({}, 'apiextensions.k8s.io/v1.JSONSchemaProps', message.message(), depth + 1);
    if (number > 2) message.skip(wire);
    else if (number === schemaNumber) {
      expect(wire, 2, 'Schema');
      schema = nested();
    } else if (kind === 'JSONSchemaPropsOrBool') {
      expect(wire, 0, 'Allows');
      allows = message.boolean();
    } else if (kind === 'JSONSchemaPropsOrArray') {
      expect(wire, 2, 'JSONSchemas');
      list.push(nested());
    } else {
      expect(wire, 2, 'Property');
      list.push(message.string());
    }
  }
  if (kind === 'JSONSchemaPropsOrBool') return schema ?? allows;
  if (list.length > 0) return list;
  return schema;
}

const memberTables = new Map<string, ReadonlyMap<number, Member>>();

function membersOf(key: string, type: StructType): ReadonlyMap<number, Member> {
  let table = memberTables.get(key);
  if (!table) {
    const numbered = type.members.map((one) => ['inline' in one ? one.number : one.field.number, one] as const);
    table = new Map(numbered.filter((one): one is [number, Member] => one[0] !== undefined));
    memberTables.set(key, table);
  }
  return table;
}

function wireOf(type: TypeRef): number {
  if (type.kind === 'bool' || type.kind === 'integer') return 0;
  return type.kind === 'float64' ? 1 : 2;
}

function isPackable(type: TypeRef): boolean {
  return wireOf(type) !== 2;
}

function expect(wire: number, wanted: number, goName: string): void {
  if (wire !== wanted) throw new ProtobufError(`proto: wrong wireType = ${wire} for field ${goName}`);
}

function isZero(type: TypeRef, value: unknown): boolean {
  // An empty text is another value than the number that is there if nothing is said, and no bytes are others than none.
  if (value === '') return type.kind !== 'IntOrString' && type.kind !== 'bytes';
  return value === 0 || value === false;
}

/** What Go has in a map entry that carries no value. */
function zeroOf(type: TypeRef): unknown {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return '';
    case 'bool':
      return false;
    case 'integer':
    case 'float64':
    case 'IntOrString':
      return 0;
    case 'Quantity':
      return '0';
    case 'list':
      return [];
    case 'struct':
    case 'map':
      return {};
    default:
      return null;
  }
}

/** Beginnings that Go writes in capitals. */
const initialisms =
  /^(api|uid|ip|fs|url|uri|tls|http|https|tcp|udp|grpc|dns|id|csi|nfs|cpu|io|pd|rbd|iqn|acl|json)(?=$|[A-Z])/;

/** `APIVersion` of `apiVersion`: how errors call a field. */
function goFieldName({ name, type }: Field): string {
  if (type.kind === 'struct' && name === 'metadata') return type.type.slice(type.type.lastIndexOf('.') + 1);
  const capital = initialisms.exec(name)?.[0];
  if (capital !== undefined) return capital.toUpperCase() + name.slice(capital.length);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
