import type { JsonValue } from '../meta/index.ts';
import type { Field, Member, SpecialType, StructType, TypeRef } from './types.ts';

/**
 * Reads one type of a generated table. A line is a field:
 *
 *     number name type flags…      `-` for the number of a field that protobuf does not carry
 *     number < type                a struct that JSON inlines
 *
 * Types: `*` pointer, `[]` list, `{}` map with string keys, `string:v1.Name` a named string, anything else a scalar,
 * a special type or a struct, of the same module where it has no slash. Flags: `?` omitempty, `0` omitzero,
 * `!` required, `list=map:key,key`, `map=`, `struct=`, `patch=`, `key=`, `default=` (JSON, last).
 * A first line `struct=atomic` speaks of the type itself.
 */
export interface ParseContext {
  readonly module: string;
  /** Closed sets of values by the name of their type, of this module and others. */
  enumOf(qualifiedName: string): readonly string[] | undefined;
  struct(key: string): StructType;
}

export function parseStruct(name: string, text: string, context: ParseContext): StructType {
  const lines = text === '' ? [] : text.split('\n');
  const marker = lines[0]?.startsWith('struct=') ? (lines.shift() as string).slice(7) : undefined;
  const members = lines.map((line) => parseMember(line, context));
  const fields = members.flatMap((member) =>
    'field' in member ? [member.field] : context.struct(member.inline).fields,
  );
  return {
    name,
    module: context.module,
    fields,
    byName: new Map(fields.map((field) => [field.name, field])),
    members,
    ...(marker ? { structType: marker as 'atomic' | 'granular' } : {}),
  };
}

function parseMember(line: string, context: ParseContext): Member {
  const [numberText, name, typeText, ...flags] = line.split(' ') as [string, string, string, ...string[]];
  const number = numberText === '-' ? undefined : Number(numberText);
  if (name === '<') return { inline: qualify(typeText, context.module), number };
  return { field: parseField(name, number, typeText, flags, context) };
}

function parseField(
  name: string,
  number: number | undefined,
  typeText: string,
  flags: readonly string[],
  context: ParseContext,
): Field {
  const pointer = typeText.startsWith('*');
  const field: { -readonly [K in keyof Field]: Field[K] } = {
    name,
    type: parseType(pointer ? typeText.slice(1) : typeText, context),
    pointer,
    omitEmpty: flags.includes('?'),
    omitZero: flags.includes('0'),
    required: flags.includes('!'),
  };
  if (number !== undefined) field.number = number;
  for (const flag of flags) {
    const equals = flag.indexOf('=');
    if (equals > 0) applyFlag(field, flag.slice(0, equals), flag.slice(equals + 1));
  }
  return field;
}

function applyFlag(field: { -readonly [K in keyof Field]: Field[K] }, name: string, value: string): void {
  switch (name) {
    case 'list': {
      const [type, keys] = value.split(':') as [string, string?];
      field.listType = type as 'atomic' | 'set' | 'map';
      if (keys) field.listMapKeys = keys.split(',');
      return;
    }
    case 'map':
      field.mapType = value as 'atomic' | 'granular';
      return;
    case 'struct':
      field.structType = value as 'atomic' | 'granular';
      return;
    case 'patch':
      field.patchStrategy = value.split(',');
      return;
    case 'key':
      field.patchMergeKey = value;
      return;
    case 'default':
      field.default = JSON.parse(value) as JsonValue;
      return;
    default:
      throw new Error(`a generated table has an unknown flag ${name}`);
  }
}

const specials: ReadonlySet<string> = new Set<SpecialType>([
  'Quantity',
  'IntOrString',
  'Time',
  'MicroTime',
  'Duration',
  'RawExtension',
  'FieldsV1',
  'JSON',
  'JSONSchemaPropsOrBool',
  'JSONSchemaPropsOrArray',
  'JSONSchemaPropsOrStringArray',
]);

function parseType(text: string, context: ParseContext): TypeRef {
  // Pointers inside lists and maps make no difference to JSON.
  if (text.startsWith('*')) return parseType(text.slice(1), context);
  if (text.startsWith('[]')) return { kind: 'list', items: parseType(text.slice(2), context) };
  if (text.startsWith('{}')) return { kind: 'map', values: parseType(text.slice(2), context) };
  if (text.startsWith('string:')) return namedString(text.slice(7), context);
  if (text === 'string' || text === 'bool' || text === 'bytes' || text === 'float64') return { kind: text };
  if (text === 'int32' || text === 'int64') return { kind: 'integer', bits: text === 'int32' ? 32 : 64 };
  if (specials.has(text)) return { kind: text as SpecialType };
  return { kind: 'struct', type: qualify(text, context.module) };
}

/** `v1.RestartPolicy`, as Go prints it; the set of values is found under the name alone. */
function namedString(name: string, context: ParseContext): TypeRef {
  const values = context.enumOf(name.slice(name.indexOf('.') + 1));
  return values ? { kind: 'string', name, enum: values } : { kind: 'string', name };
}

function qualify(type: string, module: string): string {
  return type.includes('/') ? type : `${module}.${type}`;
}
