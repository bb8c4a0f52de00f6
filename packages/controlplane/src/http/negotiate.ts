import { notAcceptable, StatusError, unsupportedMediaType } from '../status/index.ts';
import type { ApiRequest } from './message.ts';

/** What answers are written in. */
export type Format = 'json' | 'yaml';

/** What bodies are read from. */
export type BodyFormat = Format | 'protobuf';

/** A form other than its own that an object or a list is asked for in. */
export interface Conversion {
  readonly kind: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  readonly apiVersion: 'meta.k8s.io/v1' | 'meta.k8s.io/v1beta1';
}

/** How an answer shall be written. */
export interface Output {
  readonly format: Format;
  /** Indented JSON, for people. */
  readonly pretty: boolean;
  readonly convert?: Conversion;
  readonly contentType: string;
}

/** Types that every real server reads and writes; protobuf is read and never written here. */
const protobuf = 'application/vnd.kubernetes.protobuf';
const mediaTypes = ['application/json', 'application/yaml', protobuf];
const streamMediaTypes = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];

type Asking = Pick<ApiRequest, 'headers' | 'url'>;

/**
 * Behind which route of a real server the answer stands. Requests for built-in kinds pass a router first, which
 * refuses in its own words what no answer of the route could be; custom resources have none.
 */
export type Routed = 'custom' | 'object' | 'collection';

/**
 * The form in which an object or a list goes out. Protobuf is passed over: who asks for it alone gets 406,
 * who names JSON as well (as kubectl and client-go do) gets JSON. Throws a StatusError (406).
 */
export function negotiateObject(request: Asking, routed: Routed = 'custom'): Output {
  const output = choose(request, true);
  if (!output || !passesRouter(request, routed)) throw refusal(request, routed, mediaTypes);
  return output;
}

/** The form of a watch: JSON, one event a line. Throws a StatusError (406). */
export function negotiateWatch(request: Asking, routed: Routed = 'custom'): Output {
  const output = choose(request, true);
  if (output?.format !== 'json' || !passesRouter(request, routed)) throw refusal(request, routed, streamMediaTypes);
  // Lines are what separates events.
  return output.pretty ? { ...output, pretty: false } : output;
}

/**
 * The form of a document that is never converted (discovery). Throws a StatusError (406) in the words of the
 * router that refuses it on a real server.
 */
export function negotiateDocument(request: Asking): Output {
  const output = choose(request, false);
  if (!output || !passesRouter(request, 'object')) throw refusal(request, 'object', mediaTypes);
  return output;
}

/**
 * What the router of a real server asks of a request for one of its own documents, before anything answers: a body of
 * a known type, if any is named, and a known type to answer in. Throws a StatusError (415, 406).
 */
export function checkRouted({ headers }: Asking, served: readonly string[] = mediaTypes): void {
  const among = (types: readonly string[], named: string) =>
    named === '' || named.split(',').some((one) => types.includes(mediaType(one)));
  const { 'content-type': given = '', accept = '' } = headers;
  if (!among(served, given)) {
    throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
  if (!among(['*/*', ...served], accept)) {
    const message = `406: Not Acceptable\n\nAvailable representations: ${served.join(', ')}`;
    throw new StatusError(406, 'NotAcceptable', message, {});
  }
}

const routedTypes: ReadonlySet<string> = new Set([...mediaTypes, '*/*']);

/** The router knows no `application/*`. */
function passesRouter(request: Asking, routed: Routed): boolean {
  const { accept = '' } = request.headers;
  if (routed === 'custom' || accept === '') return true;
  return parseAccept(accept).some(({ type }) => routedTypes.has(type));
}

function refusal(request: Asking, routed: Routed, served: readonly string[]): StatusError {
  if (passesRouter(request, routed)) return notAcceptable(served);
  const available = routed === 'collection' ? [...mediaTypes, ...streamMediaTypes] : mediaTypes;
  const message = `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`;
  return new StatusError(406, 'NotAcceptable', message, {});
}

/** The form of a Status: never converted, and always something; indented JSON where nothing fits. */
export function negotiateStatus(request: Asking): Output {
  return choose(request, false) ?? { format: 'json', pretty: true, contentType: 'application/json' };
}

const plainJson: Output = { format: 'json', pretty: false, contentType: 'application/json' };

function choose(request: Asking, conversions: boolean): Output | undefined {
  const { accept } = request.headers;
  const pretty = wantsPretty(request);
  if (accept === undefined || accept === '' || accept === 'application/json' || accept === '*/*') {
    return pretty ? { ...plainJson, pretty } : plainJson;
  }
  for (const clause of parseAccept(accept)) {
    const format = formatOf(clause.type);
    if (!format) continue;
    if (clause.parameters.stream !== undefined && clause.parameters.stream !== 'watch') continue;
    const asked = 'as' in clause.parameters || 'g' in clause.parameters || 'v' in clause.parameters;
    const convert = asked && conversions ? conversionOf(clause.parameters) : undefined;
    if (asked && !convert) continue;
    return {
      format,
      pretty: pretty || clause.parameters.pretty === '1',
      contentType: `application/${format}`,
      ...(convert ? { convert } : {}),
    };
  }
  return undefined;
}

export interface AcceptClause {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** The clauses of an Accept header, most wanted first. */
export function parseAccept(header: string): AcceptClause[] {
  const clauses = header.split(',').map((clause) => {
    const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
    const parameters: Record<string, string> = {};
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals > 0) parameters[parameter.slice(0, equals)] = parameter.slice(equals + 1).replace(/^"(.*)"$/, '$1');
    }
    const quality = Number(parameters.q ?? 1);
    return { type: type.toLowerCase(), parameters, quality: Number.isNaN(quality) ? 1 : quality };
  });
  return clauses.sort((a, b) => b.quality - a.quality);
}

function formatOf(type: string): Format | undefined {
  if (type === 'application/json' || type === 'application/*' || type === '*/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}

function conversionOf(parameters: Readonly<Record<string, string>>): Conversion | undefined {
  const { as: kind, g: group, v: version } = parameters;
  if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (kind !== 'Table' && kind !== 'PartialObjectMetadata' && kind !== 'PartialObjectMetadataList') return undefined;
  return { kind, apiVersion: `meta.k8s.io/${version}` };
}

/** The query decides; without it, whether the client looks like a person's. */
function wantsPretty(request: Asking): boolean {
  if (request.url.includes('pretty')) {
    const asked = new URLSearchParams(request.url.slice(request.url.indexOf('?') + 1)).get('pretty');
    if (asked) return /^(1|t|true)$/i.test(asked);
  }
  return /^(curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '');
}

/**
 * What a body is written in. Nothing said means JSON. Custom resources have no protobuf form (the real server
 * names it among those it reads, and closes the connection on it).
 * @throws StatusError 415
 */
export function negotiateBody(contentType: string | undefined, custom = false): BodyFormat {
  const type = contentType === undefined || isMediaType(contentType) ? mediaType(contentType) : '';
  if (contentType === undefined || contentType === '' || type === 'application/json') return 'json';
  if (type === 'application/yaml') return 'yaml';
  if (type === protobuf && !custom) return 'protobuf';
  throw unsupportedMediaType(type === protobuf ? mediaTypes.filter((one) => one !== protobuf) : mediaTypes);
}

const mediaParameter = /^\s*;\s*[\w!#$%&'*+.^`|~-]+=(?:[\w!#$%&'*+.^`|~-]+|"(?:[^"\\]|\\.)*")/;

/** Whether the parameters, if any, are such as Go's mime package reads; one semicolon too many at the end is. */
function isMediaType(text: string): boolean {
  const begin = text.indexOf(';');
  if (begin < 0) return true;
  let rest = text.slice(begin);
  for (let found = mediaParameter.exec(rest); found; found = mediaParameter.exec(rest)) {
    rest = rest.slice(found[0].length);
  }
  return /^\s*;?\s*$/.test(rest);
}

/** `application/json` of `Application/JSON; charset=utf-8`. */
export function mediaType(contentType: string | undefined): string {
  return (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
