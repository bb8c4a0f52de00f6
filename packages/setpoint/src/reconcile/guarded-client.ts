import type { KubeObject, Status } from '@setpoint/apimachinery/meta';
import type { CallOptions, Client, KindReference, WriteOptions } from '../client/index.ts';
import { describeRequest, isUnknownOutcome } from '../errors/index.ts';
import { type AnyKind, kindName } from '../kinds/index.ts';
import type { Capability } from './capability.ts';
import type { WriteRecorder } from './environment.ts';

export interface GuardOptions {
  readonly client: Client;
  readonly capability: Capability;
  readonly recorder: WriteRecorder;
  readonly fieldManager: string;
  /** Called when it is not known what a write did: the next pass must not trust the cache before it caught up. */
  readonly uncertain: () => void;
  /** Told of everything that is sent to change something. */
  readonly wrote: (write: PassWrite) => void;
}

/** A request that a pass sent to change something. */
export interface PassWrite {
  /** Verb, kind and object: `patch Foo.tutorial.my.domain default/foo-1 (status)`. */
  readonly what: string;
  readonly body: unknown;
}

/**
 * The client as one pass may use it: every call ends with the pass, answers to writes enter the cache, writes with an
 * unknown outcome are noted, and the field manager is the controller's.
 */
export function guardClient(options: GuardOptions): Client {
  const { client, capability, recorder, uncertain } = options;
  const { read, last, send, write, note } = guards(options);

  return {
    get: (kind, key, given) => read(given, (o) => client.get(kind, key, o)),
    list: (kind, given) => read(given, (o) => client.list(kind, o)),
    pages: (kind, given) => guardStream(capability, given, (o) => client.pages(kind, o)),
    watch: (kind, given) => guardStream(capability, given, (o) => client.watch(kind, o)),
    logs: (pod, given) => guardStream(capability, given, (o) => client.logs(pod, o)),
    create: (kind, object, given) => {
      note('create', kind, (object as KubeObject).metadata, object, given);
      return write(kind, given, (o) => client.create(kind, object, o));
    },
    update: (kind, object, given) => {
      note('update', kind, (object as KubeObject).metadata, object, given);
      return write(kind, given, (o) => client.update(kind, object, o));
    },
    patch: (kind, key, patch, given) => {
      note('patch', kind, key, patch.body, given);
      return write(kind, given, (o) => client.patch(kind, key, patch, o));
    },
    delete: (kind, key, given) => {
      note('delete', kind, key, undefined, given);
      return send(given ?? {}, async (o) => {
        const answer = await client.delete(kind, key, o);
        if (isKind(kind) && o.subresource === undefined) {
          recorder.recordDelete({
            kind,
            key,
            uid: o.preconditions?.uid,
            answer: answer as KubeObject | Status,
            dryRun: o.dryRun,
          });
        }
        return answer;
      });
    },
    deleteCollection: (kind, given) =>
      send(given, async (o) => {
        // Which objects went is not in the answer (and finalizers may hold some): only the watch knows.
        if (!o.dryRun) uncertain();
        return client.deleteCollection(kind, o);
      }),
    exec: (pod, given) => last(given, (o) => client.exec(pod, o)),
    portForward: (pod, given) => last(given, (o) => client.portForward(pod, o)),
    raw: (method, path, given) => {
      const call = (o: NonNullable<typeof given>) => client.raw(method, path, o);
      return method === 'GET' || method === 'HEAD' ? read(given, call) : send(given, call);
    },
    discovery: client.discovery,
    defaultNamespace: client.defaultNamespace,
    fieldManager: options.fieldManager,
    close: refuseClose,
    [Symbol.asyncDispose]: refuseClose,
  };
}

/** How calls are made: `last` for what goes on afterwards, `send` for what changes something, `write` for what answers with the object as it is then. */
function guards({ capability, recorder, uncertain, wrote, fieldManager }: GuardOptions) {
  const read = <O extends CallOptions, T>(given: O | undefined, call: (given: O) => Promise<T>): Promise<T> =>
    capability.guard((signal) => call(withSignal(given, signal)));

  const last = <O extends CallOptions, T>(given: O | undefined, call: (given: O) => Promise<T>): Promise<T> =>
    capability.guard((signal) => call(withSignal(given, signal)), { lasting: true });

  const send = <O extends CallOptions, T>(given: O | undefined, call: (given: O) => Promise<T>): Promise<T> =>
    capability.guard(
      async (signal) => {
        try {
          return await call(withSignal(given, signal));
        } catch (error) {
          if (isUnknownOutcome(error)) uncertain();
          throw error;
        }
      },
      { write: true },
    );

  const write = <O extends WriteOptions, T extends object>(
    kind: KindReference,
    given: O | undefined,
    call: (given: O) => Promise<T>,
  ): Promise<T> =>
    send({ fieldManager, ...given } as O, async (complete) => {
      const answer = await call(complete);
      const whole = complete.subresource === undefined || complete.subresource === 'status';
      if (whole && isKind(kind) && isObject(answer)) {
        recorder.recordWrite({
          kind,
          object: answer,
          dryRun: complete.dryRun,
        });
      }
      return answer;
    });

  const note = (verb: string, kind: KindReference, key: Named, body: unknown, given: WriteOptions = {}) => {
    if (given.dryRun || isQuestion(kind)) return;
    const name = isKind(kind) ? kindName(kind) : kind.kind;
    const { subresource } = given;
    wrote({ what: describeRequest({ verb, kind: name, ...named(key), subresource }), body });
  };

  return { read, last, send, write, note };
}

type Named = { readonly namespace?: string | undefined; readonly name?: string | undefined };

function named({ namespace, name }: Named): Named {
  return { namespace, name };
}

/** Reviews are created and never stored. */
function isQuestion(kind: KindReference): boolean {
  return kind.apiVersion.startsWith('authorization.k8s.io/') || kind.apiVersion.startsWith('authentication.k8s.io/');
}

async function refuseClose(): Promise<void> {
  throw new Error('the client of a pass belongs to the operator and cannot be closed');
}

function withSignal<O extends { readonly signal?: AbortSignal | undefined }>(
  given: O | undefined,
  signal: AbortSignal,
): O {
  return { ...given, signal: given?.signal ? AbortSignal.any([given.signal, signal]) : signal } as O;
}

async function* guardStream<O extends { readonly signal?: AbortSignal | undefined }, T>(
  capability: Capability,
  given: O | undefined,
  open: (given: O) => AsyncIterable<T>,
): AsyncGenerator<T> {
  capability.check();
  for await (const item of open(withSignal(given, capability.signal))) {
    capability.check();
    yield item;
  }
}

function isKind(kind: KindReference): kind is AnyKind {
  return 'plural' in kind;
}

function isObject(answer: object): answer is KubeObject {
  return 'metadata' in answer && (answer as { readonly kind?: string }).kind !== 'Status';
}
