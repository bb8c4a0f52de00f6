import { goQuote } from '@setpoint/apimachinery/errors';
import { isJsonObject, JsonSyntaxError, parseJson } from '@setpoint/apimachinery/json';
import { parseApiVersion } from '@setpoint/apimachinery/meta';
import type { Received } from './client.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The object in an answer, which is to be of this kind or not to say of which it is.
 * @throws Error with the words of Go's REST client for an answer that has none
 */
export async function readAnswer(
  { status, contentType, body }: Received,
  kind: string,
  apiVersion: string,
): Promise<JsonObject> {
  if (status < 200 || status > 206) throw new Error(refusal(status, contentType, body));
  if (body.length === 0)
    throw new Error(`0-length response with status code: ${status} and content type: ${contentType}`);
  const answer = await parse(body);
  const { kind: ownKind = '', apiVersion: ownVersion = '' } = answer as { kind?: string; apiVersion?: string };
  const [isKind, isVersion] = [ownKind === '' || ownKind === kind, ownVersion === '' || ownVersion === apiVersion];
  if (isKind && isVersion) return answer;
  if (ownKind === 'Status' && ownVersion === 'v1') throw new Error(String(answer.message ?? ''));
  const { group, version } = parseApiVersion(ownVersion);
  const wanted = parseApiVersion(apiVersion);
  if (isKind && group === wanted.group && knownVersions.includes(version)) {
    throw new Error(`converting (${version}.${kind}) to (${wanted.version}.${kind}): unknown conversion`);
  }
  throw new Error(
    `no kind ${goQuote(ownKind || kind)} is registered for version ${goQuote(ownVersion || apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

const knownVersions: readonly string[] = ['v1', 'v1beta1'];

const typeMeta =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

async function parse(body: Buffer): Promise<JsonObject> {
  const value = await parseText(body);
  if (isJsonObject(value)) return value;
  if (value === null) return {};
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw new Error(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${found} into Go value of type ${typeMeta}`,
  );
}

/** What is no JSON may be YAML, and most texts are. */
async function parseText(body: Buffer): Promise<unknown> {
  try {
    return parseJson(body);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const { parseYaml } = await import('../yaml.ts');
    return parseYaml(body.toString('utf8')).value;
  }
}

/** A Status in the body says it itself; else there is a sentence for each code. */
function refusal(status: number, contentType: string, body: Buffer): string {
  const said = statusMessage(body);
  if (said !== undefined) return said;
  const isText = /^text\/|json|^$/.test(contentType) || isReadable(body);
  const text = isText ? body.toString('utf8').trim() : 'unknown';
  switch (status) {
    case 409:
      return 'the server reported a conflict';
    case 404:
      return 'the server could not find the requested resource';
    case 400:
      return 'the server rejected our request for an unknown reason';
    case 401:
      return 'the server has asked for the client to provide credentials';
    case 403:
      return text;
    case 405:
      return 'the server does not allow this method on the requested resource';
    case 406:
      return text === '' || text === 'unknown'
        ? 'the server was unable to respond with a content type that the client supports'
        : text;
    case 415:
      return text === '' || text === 'unknown'
        ? 'the server was unable to respond with a content type that the client supports'
        : text;
    case 422:
      return 'the server rejected our request due to an error in our request';
    case 429:
      return 'the server has received too many requests and has asked us to try again later';
    case 503:
      return 'the server is currently unable to handle the request';
    case 504:
      return 'the server was unable to return a response in the time allotted, but may still be processing the request';
    default:
      if (status >= 500) return `an error on the server (${goQuote(text)}) has prevented the request from succeeding`;
      return `the server responded with the status code ${status} but did not return more information`;
  }
}

function statusMessage(body: Buffer): string | undefined {
  try {
    const value = parseJson(body);
    if (!isJsonObject(value)) return undefined;
    const { kind = 'Status', status, message } = value;
    return kind === 'Status' && status === 'Failure' && typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}

function isReadable(body: Buffer): boolean {
  return !body.includes(0);
}
