/**
 * Requests to an API server: objects by kind, lists in pages, watches, logs, exec, port-forward; kubeconfig and
 * credentials; transports over sockets, through a proxy, or within the process.
 *
 * @module setpoint/client
 */

export type { Client, ClientLog, RawAnswer, RawOptions, RequestObserver } from './client.ts';
export { clientOfClusters } from './clusters.ts';
export { type ClientOptions, type CommonOptions, createClient } from './create-client.ts';
export type { DiscoveredResource, Discovery } from './discovery.ts';
export type { BeginningCall, CallFollower, CallInstrument, EndedCall } from './instrument.ts';
export * from './kubeconfig/index.ts';
export { type LinkedSignal, linkedSignal } from './linked-signal.ts';
export type {
  AnswerOf,
  CallOptions,
  DeleteCollectionOptions,
  DeleteOptions,
  GetOptions,
  InputOf,
  JsonPatchOperation,
  KindReference,
  LabelSelectorOption,
  ListOptions,
  LogOptions,
  ManagedFieldsOption,
  ObjectKey,
  ObjectOf,
  Page,
  PagesOptions,
  Patch,
  SelectorOptions,
  Unreadable,
  UntypedObject,
  WatchMessage,
  WatchOptions,
  WriteOptions,
} from './options.ts';
export type { ExecOptions, ExecSession, PortForward, PortForwardOptions } from './streams.ts';
export * from './transport/index.ts';
export { ownFieldsOf } from './watch/index.ts';
