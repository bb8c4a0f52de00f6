import { goQuote } from '@setpoint/apimachinery/errors';
import { JsonSyntaxError, parseJson } from '@setpoint/apimachinery/json';
import { type JsonObject, type JsonValue, parseApiVersion } from '@setpoint/apimachinery/meta';
import type { MutableObject } from '../registry/index.ts';
import { badRequest, type StatusError } from '../status/index.ts';
import type { BodyFormat } from './negotiate.ts';
import { openEnvelope, ProtobufError, readEnvelope } from './protobuf/index.ts';

export interface DecodedBody {
  /** Plain and mutable. */
  readonly object: MutableObject;
  /** Keys given twice, in the words of the server: `duplicate field "spec.a"`. */
  readonly problems: readonly string[];
}

/** What a request is about; the version is what a protobuf body is of that does not name it. */
export interface Expected {
  readonly kind: string;
  readonly apiVersion: string;
}

/**
 * Reads a body that must be an object. Synchronous but for YAML, which is loaded on first use.
 * Throws a StatusError (400) in the words of the server.
 */
export function decodeBody(
  body: Uint8Array,
  format: BodyFormat,
  expected: Expected,
): DecodedBody | Promise<DecodedBody> {
  switch (format) {
    case 'json':
      return decodeJsonBody(body, expected.kind);
    case 'yaml':
      return decodeYamlBody(body, expected.kind);
    case 'protobuf':
      return decodeProtobufBody(body, expected);
    default:
      return format satisfies never;
  }
}

/** Fields that the tables do not have are passed over, as the server does. */
function decodeProtobufBody(body: Uint8Array, expected: Expected): DecodedBody {
  const envelope = orRefuse(
    () => readEnvelope(body),
    (why) => unrecognized(expected.kind, why, body),
  );
  const apiVersion = envelope.apiVersion || expected.apiVersion;
  const kind = envelope.kind || expected.kind;
  const { version } = parseApiVersion(apiVersion);
  const object = orRefuse(
    () => openEnvelope({ ...envelope, apiVersion, kind }),
    (why) => badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${expected.kind}: ${why}`),
  );
  return { object: object as unknown as MutableObject, problems: [] };
}

function orRefuse<T>(action: () => T, refusal: (why: string) => StatusError): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof ProtobufError || error instanceof JsonSyntaxError) throw refusal(error.message);
    throw error;
  }
}

export function decodeJsonBody(body: Uint8Array, kind: string): DecodedBody {
  const problems: string[] = [];
  let value: JsonValue;
  try {
    value = parseJson(body, { onDuplicate: (path) => problems.push(`duplicate field ${goQuote(path)}`) });
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw unrecognized(kind, `couldn't get version/kind; json parse error: ${error.message}`, body);
  }
  return { object: mustBeObject(value, kind, body), problems };
}

async function decodeYamlBody(body: Uint8Array, kind: string): Promise<DecodedBody> {
  const { parseYaml, YamlError } = await import('./yaml.ts');
  try {
    const { value, problems } = parseYaml(body);
    return { object: mustBeObject(value, kind, body), problems };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw unrecognized(kind, error.message, body);
  }
}

const goTypes: Readonly<Record<string, string>> = {
  string: 'string',
  number: 'number',
  bigint: 'number',
  boolean: 'bool',
};

function mustBeObject(value: JsonValue, kind: string, body: Uint8Array): MutableObject {
  // JSON's null leaves a Go struct as it was: empty.
  if (value === null) return {} as unknown as MutableObject;
  if (typeof value === 'object' && !Array.isArray(value)) {
    mustNameKind(value as JsonObject, kind, body);
    return value as unknown as MutableObject;
  }
  const found = goType(value);
  const target =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  const why = `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type ${target}`;
  throw unrecognized(kind, why, body);
}

/** What says of which kind the body is must be text, whatever the kind. */
function mustNameKind(value: JsonObject, kind: string, body: Uint8Array): void {
  if (isText(value.apiVersion) && isText(value.kind)) return;
  const wrong = Object.keys(value).find((key) => (key === 'apiVersion' || key === 'kind') && !isText(value[key]));
  const found = goType(value[wrong as string] as JsonValue);
  const why = `json: cannot unmarshal ${found} into Go struct field .${wrong} of type string`;
  throw unrecognized(kind, `couldn't get version/kind; json parse error: ${why}`, body);
}

function isText(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

function goType(value: JsonValue): string {
  return Array.isArray(value) ? 'array' : (goTypes[typeof value] ?? 'object');
}

function unrecognized(kind: string, why: string, body: Uint8Array) {
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${summarize(body)})`);
}

const summaryLength = 30;

/** The beginning of a body: as text where it looks like JSON, else its bytes. */
function summarize(body: Uint8Array): string {
  if (body.length === 0) return '<empty>';
  const start = Buffer.from(body.subarray(0, summaryLength));
  const more = body.length > summaryLength ? ' ...' : '';
  return body[0] === 0x7b ? `${start.toString()}${more}` : `${start.toString('hex')}${more}`;
}
