import { FakeClock, seededRandom } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Kind, ServedMetadata } from '../../kinds/index.ts';
import { createCaches } from '../caches.ts';
import type { CacheEvent, CacheLog, CachesOptions, StoreHandle } from '../types.ts';
import { FakeApi } from './fake-api.ts';

export interface TestPod extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: ServedMetadata;
  readonly spec: { readonly node?: string };
}

const common = { shortNames: [], categories: [], subresources: { status: true, scale: false } } as const;

export const Pod: Kind<TestPod, TestPod> = Object.freeze({
  ...common,
  group: '',
  version: 'v1',
  apiVersion: 'v1',
  kind: 'Pod',
  listKind: 'PodList',
  plural: 'pods',
  singular: 'pod',
  scope: 'Namespaced',
  projection: 'full',
});

export const Foo: Kind<KubeObject & { readonly apiVersion: 'my.domain/v1'; readonly kind: 'Foo' }> = Object.freeze({
  ...common,
  group: 'my.domain',
  version: 'v1',
  apiVersion: 'my.domain/v1',
  kind: 'Foo',
  listKind: 'FooList',
  plural: 'foos',
  singular: 'foo',
  scope: 'Cluster',
  projection: 'full',
});

/** Collects what is logged, as `level message`. */
export function recordingLog(): CacheLog & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (_details: object, message: string) => {
    lines.push(`${level} ${message}`);
  };
  return { lines, info: write('info'), warn: write('warn'), error: write('error') };
}

/** Caches over a fake server, with a clock that stands still. */
export function setUp(options: Partial<CachesOptions> = {}) {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const log = recordingLog();
  const caches = createCaches({ client: api.client, clock, random: seededRandom(1), log, ...options });
  return { clock, api, log, caches };
}

/** The names of the Pods in a store, in alphabetical order. */
export function names(handle: StoreHandle<typeof Pod>): string[] {
  return handle
    .list()
    .map((pod) => pod.metadata.name)
    .sort();
}

/** `added ns/a`, with ` initial`, ` resync` and ` relist` as they apply. */
export function eventText(event: CacheEvent): string {
  const flags = [event.initial && 'initial', event.resync && 'resync', event.relist && 'relist'];
  const { namespace, name } = event.object.metadata;
  return [event.type, `${namespace}/${name}`, ...flags].filter((part) => part).join(' ');
}
