import { structTypesOf } from '@setpoint/apimachinery/kinds';
import { formatApiVersion, parseApiVersion } from '@setpoint/apimachinery/meta';
import { decodeMessage } from './message.ts';
import { ProtobufError, Reader } from './reader.ts';

/** What every message begins with: `k8s` and a zero. */
const magic = [0x6b, 0x38, 0x73, 0x00];

/** What stands around an object: its kind, which the object itself does not carry, and its bytes. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
}

/** @throws ProtobufError for what is no envelope */
export function readEnvelope(body: Uint8Array): Envelope {
  if (body.length === 0) throw new ProtobufError('empty data');
  if (magic.some((byte, index) => body[index] !== byte)) {
    throw new ProtobufError(
      `provided data does not appear to be a protobuf message, expected prefix [${magic.join(' ')}]`,
    );
  }
  if (body.length === magic.length) throw new ProtobufError('empty body');
  const reader = new Reader(body, magic.length);
  let names = { apiVersion: '', kind: '' };
  let raw: Uint8Array = new Uint8Array();
  while (!reader.done) {
    const { number, wire } = reader.tag('Unknown');
    if (number > 4) reader.skip(wire);
    else if (wire !== 2) throw new ProtobufError(`proto: wrong wireType = ${wire} for field ${fields[number - 1]}`);
    else if (number === 1) names = readTypeMeta(reader.message());
    else if (number === 2) raw = reader.bytes();
    else reader.skip(wire);
  }
  return { ...names, raw };
}

const fields = ['TypeMeta', 'Raw', 'ContentEncoding', 'ContentType'];

function readTypeMeta(reader: Reader): { readonly apiVersion: string; readonly kind: string } {
  let apiVersion = '';
  let kind = '';
  while (!reader.done) {
    const { number, wire } = reader.tag('TypeMeta');
    if (number > 2) reader.skip(wire);
    else if (wire !== 2) {
      throw new ProtobufError(`proto: wrong wireType = ${wire} for field ${number === 1 ? 'APIVersion' : 'Kind'}`);
    } else if (number === 1) apiVersion = reader.string();
    else kind = reader.string();
  }
  return { apiVersion, kind };
}

/**
 * The object in an envelope as JSON has it. Of a kind that the tables do not have only the name comes out: that it
 * is not served is for the caller to say.
 * @throws ProtobufError for bytes that are no such object
 */
export function openEnvelope({ apiVersion, kind, raw }: Envelope): Record<string, unknown> {
  const type = typeOf(apiVersion, kind);
  return { apiVersion, kind, ...(type === undefined ? {} : decodeMessage(type, raw)) };
}

function typeOf(apiVersion: string, kind: string): string | undefined {
  // Every group has the options, and they are the same in all.
  if (/^(Create|Update|Patch|Delete|Get|List)Options$/.test(kind)) return `meta/v1.${kind}`;
  const { group, version } = parseApiVersion(apiVersion);
  const module = group === '' ? `core/${version}` : formatApiVersion(group, version);
  const key = `${module}.${kind}`;
  return structTypesOf(module).includes(key) ? key : undefined;
}
