import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, type ContextManager, context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { FakeClock } from '@setpoint/apimachinery/clock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeTransport, notFound } from '../client/testing/index.ts';
import { ConfigMap } from '../kinds/builtin/core/v1.ts';
import { Attribution, type Work } from '../reconcile/index.ts';
import { connect } from './connect.ts';
import { findTracing } from './tracing.ts';

/** As the SDK for Node has it. */
class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with = ((next: Context, action: (...args: unknown[]) => unknown, self: unknown, ...args: unknown[]) =>
    this.#storage.run(next, () => action.call(self, ...args))) as ContextManager['with'];
  bind = ((next: Context, target: (...args: unknown[]) => unknown) =>
    (...args: unknown[]) =>
      this.#storage.run(next, () => target(...args))) as ContextManager['bind'];
  enable = () => this;
  disable = () => this;
}

const exporter = new InMemorySpanExporter();
const work: Work = { type: 'reconcile', of: 'foo', object: 'default/a', reconcileID: 'r1' };

beforeEach(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  context.setGlobalContextManager(new AsyncContexts());
  propagation.setGlobalPropagator({
    inject(at, carrier) {
      const { traceId, spanId } = trace.getSpanContext(at) ?? { traceId: '', spanId: '' };
      (carrier as Record<string, string>).traceparent = `00-${traceId}-${spanId}-01`;
    },
    extract: (at) => at,
    fields: () => ['traceparent'],
  });
});
afterEach(() => {
  exporter.reset();
  for (const api of [trace, context, propagation]) api.disable();
});

test('a pass is a span, its requests are spans below it, and the API server is told of them', async () => {
  const attribution = new Attribution(new FakeClock());
  const transport = fakeTransport(({ method }) => (method === 'GET' ? notFound('configmaps', 'a') : {}));
  const options = { name: 'op', options: { transport }, clock: new FakeClock(), log: {} as never, metrics: undefined };
  const { client } = await connect({ ...options, attribution });
  const key = { namespace: 'default', name: 'a' };
  // What no pass does is not traced.
  await client.get(ConfigMap, key).catch(() => undefined);
  await attribution.pass(work, async () => {
    await Promise.resolve();
    await client.get(ConfigMap, key).catch(() => undefined);
    return { type: 'success' };
  });
  const [request, pass, ...rest] = exporter.getFinishedSpans();
  expect(rest).toEqual([]);
  expect(pass).toMatchObject({
    name: 'reconcile foo',
    attributes: { 'setpoint.object': 'default/a', 'setpoint.reconcile_id': 'r1', 'setpoint.outcome': 'success' },
    status: { code: 0 },
  });
  expect(request).toMatchObject({
    name: 'get ConfigMap',
    attributes: { 'http.response.status_code': 404, 'k8s.resource.name': 'a', 'setpoint.attempts': 1 },
    status: { code: 2 },
  });
  expect(request?.parentSpanContext?.spanId).toBe(pass?.spanContext().spanId);
  const { traceId, spanId } = request?.spanContext() ?? {};
  expect(transport.requests.map(({ headers }) => headers.traceparent)).toEqual([
    undefined,
    `00-${traceId}-${spanId}-01`,
  ]);
});

test('a pass that failed is a failed span', async () => {
  const tracing = await findTracing();
  await tracing?.pass(work, async () => ({ type: 'error', error: new Error('no disk') }));
  expect(exporter.getFinishedSpans()[0]).toMatchObject({
    attributes: { 'setpoint.outcome': 'error' },
    status: { code: 2, message: 'no disk' },
    events: [{ name: 'exception' }],
  });
});

test('without an SDK nothing is traced, and nothing is loaded', async () => {
  for (const api of [trace, context, propagation]) api.disable();
  expect(await findTracing()).toBeUndefined();
});
