import type { Clock } from '@setpoint/apimachinery/clock';
import { formatApiVersion, type KubeObject, type Status } from '@setpoint/apimachinery/meta';
import { encodeEvent, encodeJson, encodeList, encodeObject, type Output } from '../http/index.ts';
import type { ServedResource } from '../registry/index.ts';
import { internalError, StatusError } from '../status/index.ts';
import type { Entry } from '../store/index.ts';
import {
  checkConversion,
  type IncludeObject,
  partialObjectMetadata,
  partialObjectMetadataList,
  scaleTable,
  tableOf,
} from '../table/index.ts';
import type { AnswerListMeta, EventEncoder } from '../verbs/index.ts';

/** Encoding it is synchronous. */
const plainJson: Output = { format: 'json', pretty: false, contentType: 'application/json' };

/**
 * Answers as bytes. One object at one revision is written once for each version it is served in; replies, lists
 * and watches share those bytes.
 */
export class Encoder {
  readonly #clock: Clock;
  readonly #keys = new WeakMap<ServedResource, string>();
  /** The last event written: a change goes to all its watches in one turn. */
  #lastEvent: { entry: Entry; type: string; key: string; bytes: Uint8Array } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A stored object, as the line of JSON that is kept, or in the form that is asked for. */
  entry(resource: ServedResource, entry: Entry, output: Output, include: IncludeObject) {
    // What a webhook has converted is not kept: the next one who asks gets what it makes of it then.
    if (isPlain(output) && !resource.conversion) return this.#line(resource, entry);
    return this.object(resource, resource.fromStorage(entry.object), output, include);
  }

  object(resource: ServedResource, object: KubeObject, output: Output, include: IncludeObject) {
    if (output.convert) checkConversion(resource, output.convert.kind, false);
    const { resourceVersion } = object.metadata;
    const converted = this.#converted(resource, object, output, include, { resourceVersion: resourceVersion ?? '' });
    return encodeObject(converted, output, { sortKeys: resource.custom && !output.convert });
  }

  list(
    resource: ServedResource,
    entries: readonly Entry[],
    metadata: AnswerListMeta,
    output: Output,
    include: IncludeObject,
  ) {
    const apiVersion = formatApiVersion(resource.group, resource.version);
    const kind = resource.listKind;
    if (isPlain(output)) {
      const items = entries.map((entry) => this.#item(resource, entry));
      return encodeList({ kind, apiVersion, metadata: listHead(resource, metadata) }, items, {
        sortKeys: resource.custom,
      });
    }
    if (output.convert) checkConversion(resource, output.convert.kind, true);
    const objects = entries.map((entry) => resource.fromStorage(entry.object));
    if (output.convert?.kind === 'Table') {
      const now = this.#clock.now();
      const options = { includeObject: include, apiVersion: output.convert.apiVersion, now };
      return encodeObject(tableOf(resource, objects, metadata, options), output);
    }
    if (output.convert)
      return encodeObject(partialObjectMetadataList(objects, metadata, output.convert.apiVersion), output);
    const items = resource.custom ? objects : objects.map(withoutType);
    return encodeObject({ kind, apiVersion, metadata: listHead(resource, metadata), items }, output, {
      sortKeys: resource.custom,
    });
  }

  /** How one watch writes its events. */
  events(resource: ServedResource, output: Output, include: IncludeObject): EventEncoder {
    let headersSent = false;
    const convert = (object: KubeObject, row = include) => {
      const converted = this.#converted(resource, object, output, row, listMeta(object), headersSent);
      headersSent = true;
      return encodeJson(converted, { sortKeys: resource.custom && !output.convert });
    };
    return {
      ordered: output.convert?.kind === 'Table',
      entry: (type, entry) => {
        if (!output.convert) return this.#event(resource, type, entry);
        return encodeEvent(type, convert(resource.fromStorage(entry.object)));
      },
      bookmark: (resourceVersion, initialEventsEnd) => {
        const annotations = initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
        const metadata = { resourceVersion, ...annotations };
        const apiVersion = formatApiVersion(resource.group, resource.version);
        const object: KubeObject = { kind: resource.kind, apiVersion, metadata };
        // The annotation is in the metadata, so these are sent even where rows carry nothing.
        return encodeEvent('BOOKMARK', convert(object, 'Metadata'));
      },
      error: (error) => encodeEvent('ERROR', encodeJson(statusOf(error))),
    };
  }

  #converted(
    resource: ServedResource,
    object: KubeObject,
    output: Output,
    includeObject: IncludeObject,
    metadata: { readonly resourceVersion: string },
    noHeaders = false,
  ): unknown {
    if (!output.convert) return object;
    const { kind, apiVersion } = output.convert;
    if (kind !== 'Table') return partialObjectMetadata(object, apiVersion);
    const { custom } = resource;
    const printed = isScale(object) ? { custom, table: scaleTable(custom) } : resource;
    return tableOf(printed, [object], metadata, { includeObject, apiVersion, now: this.#clock.now(), noHeaders });
  }

  #line(resource: ServedResource, entry: Entry): Uint8Array {
    // Bytes of their own: a slice of Node's pool would keep its short-lived neighbours for as long as the object lives.
    return entry.bytes(
      this.#key(resource),
      (object) => encodeObject(resource.fromStorage(object), plainJson, { sortKeys: resource.custom }) as Uint8Array,
    );
  }

  #event(resource: ServedResource, type: 'ADDED' | 'MODIFIED' | 'DELETED', entry: Entry): Uint8Array {
    const key = this.#key(resource);
    const last = this.#lastEvent;
    if (last?.entry === entry && last.type === type && last.key === key) return last.bytes;
    const bytes = encodeEvent(type, this.#line(resource, entry).subarray(0, -1));
    this.#lastEvent = { entry, type, key, bytes };
    return bytes;
  }

  /** In a list the objects of built-in kinds do not say what they are. */
  #item(resource: ServedResource, entry: Entry): Uint8Array {
    const line = this.#line(resource, entry).subarray(0, -1);
    if (resource.custom) return line;
    const type = typePrefix(resource);
    const head = line.subarray(0, type.length);
    if (!type.equals(head)) return encodeJson(withoutType(resource.fromStorage(entry.object)));
    return Buffer.concat([openBrace, line.subarray(type.length)]);
  }

  #key(resource: ServedResource): string {
    let key = this.#keys.get(resource);
    if (key === undefined) {
      key = `${resource.group}/${resource.version} ${resource.encodingVersion}`;
      this.#keys.set(resource, key);
    }
    return key;
  }
}

const openBrace = new Uint8Array([0x7b]);

function typePrefix(resource: ServedResource): Buffer {
  const apiVersion = formatApiVersion(resource.group, resource.version);
  return Buffer.from(`{"kind":"${resource.kind}","apiVersion":"${apiVersion}",`);
}

function withoutType(object: KubeObject): object {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}

/** A list of custom resources always says where it goes on, if only with nothing. */
function listHead(resource: ServedResource, metadata: AnswerListMeta): AnswerListMeta {
  return resource.custom ? { continue: '', ...metadata } : metadata;
}

function isScale({ kind, apiVersion }: KubeObject): boolean {
  return kind === 'Scale' && apiVersion === 'autoscaling/v1';
}

function listMeta(object: KubeObject): { readonly resourceVersion: string } {
  return { resourceVersion: object.metadata.resourceVersion ?? '' };
}

function isPlain(output: Output): boolean {
  return output.format === 'json' && !output.pretty && !output.convert;
}

/** What an error looks like to a client; whatever is no refusal is a defect of this server, and is said to be one. */
export function statusOf(error: unknown): Status & { readonly code: number } {
  if (error instanceof StatusError) return error.status;
  return internalError(error instanceof Error ? error.message : String(error)).status;
}
