/** What of metrics must compile and what must not: checked by `npm run types`, never run. */
import { z } from 'zod';
import { controller, counter, defineKind, gauge, histogram, type MetricHandles } from '../../src/index.ts';
import { Pod, Secret } from '../../src/kinds/builtin/core/v1.ts';

const Foo = defineKind({ group: 'a.b', version: 'v1', kind: 'Foo', spec: z.object({ name: z.string() }) });
declare const metrics: MetricHandles;
const help = 'h';

const sent = counter('sent_total', { help, labels: ['result', 'to'] });
metrics(sent).inc({ result: 'ok', to: 'a' });
metrics(sent).inc({ result: 'ok', to: 'a' }, 2);
// @ts-expect-error a label is missing
metrics(sent).inc({ result: 'ok' });
// @ts-expect-error a label that it does not have
metrics(sent).inc({ result: 'ok', to: 'a', by: 'b' });
// @ts-expect-error a counter is not set
metrics(sent).set({ result: 'ok', to: 'a' }, 2);

const size = gauge('size', { help });
metrics(size).set(1);
metrics(size).inc();
// @ts-expect-error it has no labels
metrics(size).set({}, 1);
metrics(histogram('took', { help, labels: ['a'] })).observe({ a: '' }, 1);

const pods = gauge('pods', {
  help,
  labels: ['namespace'],
  reads: [Pod],
  collect: ({ cache }) =>
    cache.list(Pod).map(({ metadata }) => ({ labels: { namespace: metadata.namespace ?? '' }, value: 1 })),
});
// @ts-expect-error what is collected cannot be set
metrics(pods);
// @ts-expect-error Secret is not among its reads
gauge('secrets', { help, reads: [Pod], collect: ({ cache }) => cache.list(Secret).length });
// @ts-expect-error a value for each series
gauge('unlabelled', { help, labels: ['a'], collect: () => 1 });
gauge('one', { help, collect: async () => 1 });

controller(Foo, { metrics: [sent, size, pods], reconcile: (_, context) => context.metrics(size).set(1) });
