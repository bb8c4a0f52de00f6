import type { JsonValue } from '@setpoint/apimachinery/meta';
import { describe, expect, it } from 'vitest';
import {
  asTyped,
  builtinType,
  ConflictError,
  type Converter,
  createUpdater,
  type ManagedFields,
  type TypeSchema,
} from './index.ts';

const same: Converter = { convert: (object) => object };
const updater = createUpdater({ converter: same });

function fieldsOf(managers: ManagedFields): Record<string, unknown> {
  return Object.fromEntries([...managers].map(([manager, { set }]) => [manager, set.toJson()]));
}

describe('apply to a Deployment', () => {
  const type = builtinType('apps', 'v1', 'Deployment') as TypeSchema;
  const typed = (value: JsonValue) => asTyped(value, type);
  const deployment = (containers: JsonValue[], spec: Record<string, JsonValue> = {}) =>
    typed({ metadata: { name: 'x' }, spec: { ...spec, template: { spec: { containers } } } });

  const first = updater.apply(typed({}), deployment([{ name: 'a', image: 'one' }]), 'v1', new Map(), 'left', false);

  it('owns the fields of the intent, items of lists by their keys', () => {
    expect(first.object?.value).toEqual(deployment([{ name: 'a', image: 'one' }]).value);
    expect(fieldsOf(first.managers)).toEqual({
      left: {
        'f:metadata': { 'f:name': {} },
        'f:spec': {
          'f:template': {
            'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
          },
        },
      },
    });
  });

  it('refuses to change what another manager owns, and names the field', () => {
    const live = first.object ?? typed({});
    const change = () =>
      updater.apply(live, deployment([{ name: 'a', image: 'two' }]), 'v1', first.managers, 'right', false);
    expect(change).toThrow(ConflictError);
    expect(change).toThrow('conflict with "left": .spec.template.spec.containers[name="a"].image');
  });

  it('takes it by force, and the other manager owns the rest', () => {
    const live = first.object ?? typed({});
    const forced = updater.apply(live, deployment([{ name: 'a', image: 'two' }]), 'v1', first.managers, 'right', true);
    expect(forced.managers.get('left')?.set.has(['spec', 'template', 'spec', 'containers'])).toBe(false);
    expect(JSON.stringify(forced.managers.get('left')?.set.toJson())).not.toContain('f:image');
    expect(JSON.stringify(forced.managers.get('right')?.set.toJson())).toContain('f:image');
  });

  it('removes what it applied before and nobody else owns', () => {
    const live = first.object ?? typed({});
    const second = updater.apply(live, deployment([{ name: 'b', image: 'b' }]), 'v1', first.managers, 'left', false);
    expect(second.object?.value).toEqual(deployment([{ name: 'b', image: 'b' }]).value);
  });

  it('says so if nothing changes, and shares the live object', () => {
    const live = first.object ?? typed({});
    const intent = deployment([{ name: 'a', image: 'one' }]);
    expect(updater.apply(live, intent, 'v1', first.managers, 'left', false).object).toBeUndefined();
    const eager = createUpdater({ converter: same, returnInputOnNoop: true });
    expect(eager.apply(live, intent, 'v1', first.managers, 'left', false).object).toBe(live);
  });

  it('gives what an update changes to its manager', () => {
    const live = first.object ?? typed({});
    const next = deployment([{ name: 'a', image: 'one' }], { replicas: 3 });
    const { managers } = updater.update(live, next, 'v1', first.managers, 'scaler');
    expect(fieldsOf(managers).scaler).toEqual({ 'f:spec': { 'f:replicas': {} } });
    expect(managers.get('left')?.set.equals(first.managers.get('left')?.set as never)).toBe(true);
  });
});
