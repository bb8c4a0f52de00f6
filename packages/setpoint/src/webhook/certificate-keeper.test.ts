// biome-ignore-all lint/suspicious/noExplicitAny: tests look into objects of every kind.
import { X509Certificate } from 'node:crypto';
import type { KeyPair } from '@setpoint/apimachinery/certificates';
import { type Clock, FakeClock } from '@setpoint/apimachinery/clock';
import { applyJsonPatch } from '@setpoint/apimachinery/patch';
import { describe, expect, it } from 'vitest';
import { problem } from '../../test/fake/fake-api.ts';
import { Widget } from '../../test/fake/kinds.ts';
import { type LogLine, recordingLog } from '../../test/fake/operator.ts';
import { CertificateKeeper } from './certificate-keeper.ts';
import { webhook } from './index.ts';
import { injectionTargets } from './injection.ts';
import { hooksOf } from './webhook.ts';

/** Objects by name, with revisions: enough of an API server for whoever reads before they write. */
class Objects {
  readonly all = new Map<string, any>();
  revision = 1;
  before: (verb: string) => void = () => {};

  readonly client: any = {
    get: async (_: any, { name }: any) => this.#found(name),
    create: async (_: any, body: any) => {
      this.before('create');
      if (this.all.has(body.metadata.name)) throw problem(409, 'AlreadyExists', 'exists');
      return this.put(body);
    },
    update: async (_: any, body: any) => {
      this.before('update');
      const present = this.#found(body.metadata.name);
      if (present.metadata.resourceVersion !== body.metadata.resourceVersion) throw problem(409, 'Conflict', 'changed');
      return this.put(body);
    },
    patch: async (_: any, { name }: any, { body }: any) => {
      this.before('patch');
      try {
        return this.put(applyJsonPatch(this.#found(name), body));
      } catch {
        throw problem(422, 'Invalid', 'the test failed');
      }
    },
  };

  put(object: any): any {
    const metadata = { ...object.metadata, resourceVersion: String(++this.revision) };
    this.all.set(object.metadata.name, { ...object, metadata });
    return this.all.get(object.metadata.name);
  }

  #found(name: string): any {
    if (!this.all.has(name)) throw problem(404, 'NotFound', `${name} not found`);
    return structuredClone(this.all.get(name));
  }
}

const hooks = hooksOf([webhook(Widget, { validate: () => [] })]);
const secret = 'test-webhook-server-cert';
const configuration = 'test-validating-webhook-configuration';
const withWebhooks = () => ({
  metadata: { name: configuration },
  webhooks: [{ clientConfig: {} }, { clientConfig: {} }],
});

function keeper(objects: Objects, clock: Clock, lines: LogLine[] = []) {
  const served: KeyPair[] = [];
  const stop = new AbortController();
  const made = new CertificateKeeper({
    name: 'test',
    namespace: 'default',
    hosts: ['test-webhook-service.default.svc'],
    targets: injectionTargets('test', hooks, []),
    client: objects.client,
    clock,
    log: recordingLog(lines),
    signal: stop.signal,
    use: (pair) => void served.push(pair),
  });
  return { made, served, stop, lines };
}

const bundleOf = (objects: Objects) =>
  objects.all
    .get(configuration)
    .webhooks.map(({ clientConfig }: any) => Buffer.from(clientConfig.caBundle, 'base64').toString());
const trusts = (bundle: string, { certificate }: KeyPair) =>
  bundle
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .some((one) => one !== '' && new X509Certificate(certificate).verify(new X509Certificate(one).publicKey));

describe('certificates that replicas share', () => {
  it('are made by whoever comes first, and read by the others', async () => {
    const [objects, clock] = [new Objects(), new FakeClock()];
    objects.put(withWebhooks());
    const [a, b] = [keeper(objects, clock), keeper(objects, clock)];
    await Promise.all([a.made.start(), b.made.start()]);
    expect(a.served).toHaveLength(1);
    expect(b.served).toEqual(a.served);
    for (const bundle of bundleOf(objects)) expect(trusts(bundle, a.served[0] as KeyPair)).toBe(true);
  });

  it('go into a configuration that comes later, and again if somebody takes them out', async () => {
    const [objects, clock] = [new Objects(), new FakeClock()];
    const { made, lines } = keeper(objects, clock);
    await made.start();
    expect(lines.map(({ message }) => message)).toContainEqual(expect.stringContaining('is not there'));
    objects.put(withWebhooks());
    await clock.advance(5_000);
    const [bundle] = bundleOf(objects);
    objects.put(withWebhooks());
    await clock.advance(20_000);
    expect(bundleOf(objects)).toEqual([bundle, bundle]);
  });

  it('are not written over what somebody else changes in the same moment', async () => {
    const [objects, clock] = [new Objects(), new FakeClock()];
    objects.put(withWebhooks());
    let raced = 0;
    objects.before = (verb) => {
      if (verb === 'patch' && raced++ === 0)
        objects.put({ ...withWebhooks(), webhooks: [...withWebhooks().webhooks, { clientConfig: {} }] });
    };
    await keeper(objects, clock).made.start();
    expect(bundleOf(objects)).toHaveLength(3);
    expect(raced).toBe(2);
  });

  it('come back as they were when the Secret is deleted or corrupted, and are made anew where nobody has them', async () => {
    const [objects, clock] = [new Objects(), new FakeClock()];
    objects.put(withWebhooks());
    const { made, served, stop } = keeper(objects, clock);
    await made.start();
    const { data } = objects.all.get(secret);
    objects.all.delete(secret);
    await clock.advance(20_000);
    expect(objects.all.get(secret).data).toEqual(data);
    expect(served).toHaveLength(1);
    objects.put({ ...objects.all.get(secret), data: { 'ca.crt': 'AAAA' } });
    await clock.advance(20_000);
    expect(objects.all.get(secret).data).toEqual(data);
    expect(served).toHaveLength(1);
    stop.abort();
    objects.put({ ...objects.all.get(secret), data: { 'ca.crt': 'AAAA' } });
    const next = keeper(objects, clock);
    await next.made.start();
    expect(next.served[0]).not.toEqual(served[0]);
    for (const bundle of bundleOf(objects)) expect(trusts(bundle, next.served[0] as KeyPair)).toBe(true);
  });

  it('rotate for years without a moment in which what is served is not trusted, on any replica', async () => {
    const [objects, clock] = [new Objects(), new SleepyClock()];
    objects.put(withWebhooks());
    const replicas = [keeper(objects, clock), keeper(objects, clock)];
    for (const { made } of replicas) await made.start();
    const seen = new Set<string>();
    let most = 0;
    for (let week = 0; week < 52 * 5; week++) {
      await clock.sleep(7 * 24 * 3_600_000);
      const [bundle] = bundleOf(objects);
      most = Math.max(most, bundle.split('BEGIN').length - 1);
      for (const { served } of replicas) {
        const serving = served.at(-1) as KeyPair;
        seen.add(serving.certificate);
        expect(trusts(bundle, serving)).toBe(true);
        expect(Date.parse(new X509Certificate(serving.certificate).validTo)).toBeGreaterThan(clock.now());
      }
    }
    expect(seen.size).toBeGreaterThan(20);
    expect(most).toBe(2);
  });

  it('goes on trying where it may not, and never says a key', async () => {
    const [objects, clock, lines] = [new Objects(), new FakeClock(), [] as LogLine[]];
    objects.before = (verb) => {
      if (verb === 'create') throw problem(403, 'Forbidden', 'secrets is forbidden');
    };
    const { made, served } = keeper(objects, clock, lines);
    await made.start();
    await clock.advance(5_000 + 10_000);
    expect(lines.filter(({ level }) => level === 'error')).toHaveLength(3);
    objects.before = () => {};
    await clock.advance(20_000);
    expect(served).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('PRIVATE');
  });
});

/** A machine that sleeps: what fell due meanwhile runs once, when it wakes. */
class SleepyClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  readonly #pending = new Set<() => void>();
  now = () => this.#now;
  monotonic = () => this.#now;

  timer(_: number, callback: () => void) {
    this.#pending.add(callback);
    return { cancel: () => void this.#pending.delete(callback) };
  }

  async sleep(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    const due = [...this.#pending];
    this.#pending.clear();
    for (const callback of due) callback();
    for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
