// biome-ignore-all lint/suspicious/noExplicitAny: tests look into objects of every kind.
import { controller } from '../../src/controller/index.ts';
import { child, type ReconcileContext, type ReconcileResult } from '../../src/reconcile/index.ts';
import { FakeApi } from './fake-api.ts';
import { Plain, plain, Widget, Zone } from './kinds.ts';
import { TestOperator } from './operator.ts';

type Wanted = ReconcileResult<typeof Plain | typeof Zone>;
type Pass = (widget: Widget, context: ReconcileContext, api: FakeApi) => Wanted | Promise<Wanted>;

export const small = (name: string, size = 1, options: Parameters<typeof child<typeof Plain>>[2] = {}) =>
  child(Plain, { metadata: { name }, spec: { size } }, options);
export const at = (name: string, namespace = 'default') => ({ namespace, name });

/** Runs `pass` for a Widget `a` that owns Plains and Zones. */
export function start(pass: Pass, options: { readonly api?: FakeApi; readonly declaration?: object } = {}) {
  const { api = new FakeApi() } = options;
  if (!api.object(Widget, at('a'))) api.create(Widget, plain('a'));
  const widgets = controller(Widget, {
    owns: [Plain, Zone],
    ready: true,
    ...options.declaration,
    reconcile: (widget, context) =>
      pass(widget, context as unknown as ReconcileContext, api) as ReconcileResult<typeof Plain>,
  });
  const operator = new TestOperator([widgets], { api });
  return {
    api,
    operator,
    plains: () =>
      api
        .list(Plain)
        .map(({ metadata }) => metadata.name)
        .sort(),
    sent: () => api.writes.filter(({ kind }) => kind === 'Plain').map(({ verb, name }) => `${verb} ${name}`),
    events: () => api.list({ kind: 'Event' }).map(({ type, reason, note }) => `${type} ${reason}: ${note}`),
    condition: (type: string) => {
      const { status } = api.object(Widget, at('a'));
      const { status: value, reason, message } = status.conditions.find((one: any) => one.type === type);
      return `${value} ${reason}: ${message}`;
    },
    touch: async () => {
      api.edit(Widget, at('a'), (widget) => {
        widget.spec.size++;
      });
      await operator.settle();
    },
  };
}
