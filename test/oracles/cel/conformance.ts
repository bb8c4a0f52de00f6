import {
  ArrayList,
  anyType,
  BytesValue,
  boolType,
  bytesType,
  DoubleValue,
  DurationValue,
  doubleType,
  durationType,
  dynType,
  HashMap,
  intType,
  listType,
  mapType,
  nullableType,
  nullType,
  opaqueType,
  parseTimestamp,
  stringType,
  type Type,
  TypeValue,
  timestampType,
  toInt,
  typeType,
  UintValue,
  uintType,
  type Value,
} from '@setpoint/apimachinery/cel';

/** cel-spec's tests in the JSON of protocol buffers. */
export interface SpecFile {
  readonly name: string;
  readonly section?: readonly { readonly name: string; readonly test?: readonly SpecTest[] }[];
}

export interface SpecTest {
  readonly name: string;
  readonly expr: string;
  readonly disableMacros?: boolean;
  readonly disableCheck?: boolean;
  readonly checkOnly?: boolean;
  readonly container?: string;
  readonly locale?: string;
  readonly typeEnv?: readonly { readonly name: string; readonly ident?: { readonly type: SpecType } }[];
  readonly bindings?: Readonly<Record<string, { readonly value?: SpecValue }>>;
  readonly value?: SpecValue;
  readonly typedResult?: { readonly result?: SpecValue; readonly deducedType?: SpecType };
  readonly evalError?: object;
  readonly anyEvalErrors?: object;
  readonly unknown?: object;
}

type SpecValue = Readonly<Record<string, unknown>>;
type SpecType = Readonly<Record<string, unknown>>;

/** Something in a test that only protocol buffers have. */
export class NotApplicable extends Error {}

const primitives: Readonly<Record<string, Type>> = {
  BOOL: boolType,
  INT64: intType,
  UINT64: uintType,
  DOUBLE: doubleType,
  STRING: stringType,
  BYTES: bytesType,
};

const wellKnown: Readonly<Record<string, Type>> = { ANY: anyType, TIMESTAMP: timestampType, DURATION: durationType };

export function typeOfSpec(type: SpecType): Type {
  const [kind = '', content] = Object.entries(type)[0] ?? [];
  const parts = content as Readonly<Record<string, SpecType>>;
  switch (kind) {
    case 'primitive':
      return primitives[content as string] as Type;
    case 'wellKnown':
      return wellKnown[content as string] as Type;
    case 'wrapper':
      return nullableType(primitives[content as string] as Type);
    case 'dyn':
      return dynType;
    case 'null':
      return nullType;
    case 'type':
      return typeType;
    case 'listType':
      return listType(parts.elemType === undefined ? dynType : typeOfSpec(parts.elemType));
    case 'mapType':
      return mapType(typeOfSpec(parts.keyType as SpecType), typeOfSpec(parts.valueType as SpecType));
    case 'abstractType': {
      const { name, parameterTypes = [] } = content as { name: string; parameterTypes?: readonly SpecType[] };
      return opaqueType(name, ...parameterTypes.map(typeOfSpec));
    }
    default:
      throw new NotApplicable('protocol buffers messages');
  }
}

export function valueOfSpec(value: SpecValue): Value {
  const [kind = '', content] = Object.entries(value)[0] ?? [];
  switch (kind) {
    case 'nullValue':
      return null;
    case 'boolValue':
    case 'stringValue':
      return content as boolean | string;
    case 'int64Value':
      return toInt(BigInt(content as string));
    case 'uint64Value':
      return new UintValue(BigInt(content as string));
    case 'doubleValue':
      return new DoubleValue(Number(content));
    case 'bytesValue':
      return new BytesValue(Uint8Array.from(Buffer.from(content as string, 'base64')));
    case 'typeValue':
      return new TypeValue(content as string);
    case 'listValue':
      return new ArrayList(((content as { values?: SpecValue[] }).values ?? []).map(valueOfSpec));
    case 'mapValue': {
      const map = new HashMap();
      for (const { key, value: entry } of (content as { entries?: { key: SpecValue; value: SpecValue }[] }).entries ??
        [])
        map.set(valueOfSpec(key), valueOfSpec(entry));
      return map;
    }
    case 'objectValue':
      return messageOfSpec(content as { readonly '@type': string; readonly value?: unknown });
    default:
      throw new NotApplicable('protocol buffers messages');
  }
}

/** Times and durations come as messages. */
function messageOfSpec(message: { readonly '@type': string; readonly value?: unknown }): Value {
  const name = message['@type'].split('/').at(-1);
  if (name === 'google.protobuf.Timestamp') return parseTimestamp(message.value as string) as Value;
  if (name !== 'google.protobuf.Duration') throw new NotApplicable('protocol buffers messages');
  const [, sign, seconds = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?s$/.exec(message.value as string) ?? [];
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
  return new DurationValue(sign === '-' ? -nanoseconds : nanoseconds);
}
