import { formatGoDuration } from '@setpoint/apimachinery/duration';
import { parseJson } from '@setpoint/apimachinery/json';
import type { SpecialType } from '@setpoint/apimachinery/kinds';
import { ProtobufError, type Reader } from './reader.ts';

/** A type with an encoding of its own, whose JSON does not follow from its fields. */
export type PlainSpecial = Exclude<SpecialType, `JSONSchemaPropsOr${string}`>;

/** The JSON value of a message of such a type; undefined where it is the zero value and JSON writes null. */
export function decodeSpecial(kind: PlainSpecial, message: Reader): unknown {
  const scalars = readScalars(kind, message);
  switch (kind) {
    case 'Quantity':
      return scalars.text === '' ? '0' : scalars.text;
    case 'IntOrString':
      return intOrString(scalars);
    case 'Time':
      return time(scalars, false);
    case 'MicroTime':
      return time(scalars, true);
    case 'Duration':
      return formatGoDuration(Number(scalars.first) / 1e6);
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
      return scalars.bytes.length === 0 ? undefined : parseJson(scalars.bytes);
    default:
      return kind satisfies never;
  }
}

interface Scalars {
  /** Fields 1 and 2 where they are numbers. */
  readonly first: bigint;
  readonly second: bigint;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** The message had nothing in it. */
  readonly empty: boolean;
}

/** All of these are up to two numbers and one text. */
function readScalars(name: string, message: Reader): Scalars {
  const empty = message.done;
  let first = 0n;
  let second = 0n;
  let bytes = new Uint8Array();
  while (!message.done) {
    const { number, wire } = message.tag(name);
    if (number > 3 || (wire !== 0 && wire !== 2)) message.skip(wire);
    else if (wire === 2) bytes = new Uint8Array(message.bytes());
    else if (number === 1) first = BigInt(message.integer(64));
    else second = BigInt(message.integer(32));
  }
  return { first, second, bytes, text: Buffer.from(bytes).toString('utf8'), empty };
}

function intOrString({ first, second, text }: Scalars): number | string {
  if (first === 0n) return Number(second);
  if (first === 1n) return text;
  throw new ProtobufError('impossible IntOrString.Type');
}

const yearOne = -62_135_596_800n;
const yearTenThousand = 253_402_300_800n;

function time({ first, second, empty }: Scalars, micros: boolean): string | undefined {
  const fraction = second / 1_000n;
  if (empty || (first === yearOne && (!micros || fraction === 0n))) return undefined;
  if (first < yearOne || first >= yearTenThousand) {
    throw new ProtobufError('Time.MarshalJSON: year outside of range [0,9999]');
  }
  const seconds = new Date(Number(first) * 1_000).toISOString().slice(0, 19);
  return micros ? `${seconds}.${String(fraction).padStart(6, '0')}Z` : `${seconds}Z`;
}
