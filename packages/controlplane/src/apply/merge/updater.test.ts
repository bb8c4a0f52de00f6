import type { JsonObject, JsonValue } from '@setpoint/apimachinery/meta';
import { describe, expect, it } from 'vitest';
import {
  asTyped,
  builtinType,
  ConflictError,
  type Converter,
  createUpdater,
  deducedType,
  excludeFilter,
  FieldSet,
  type ManagedFields,
  MissingVersionError,
  type TypedValue,
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

describe('several managers', () => {
  const typed = (value: JsonValue) => asTyped(value, deducedType);
  const owner = (fields: JsonObject, apiVersion = 'v1', applied = true) => ({
    set: FieldSet.fromJson(fields),
    apiVersion,
    applied,
  });

  it('keep what one of them does not apply any more and another one owns', () => {
    const managers: ManagedFields = new Map([
      ['left', owner({ 'f:a': {}, 'f:b': {} })],
      ['right', owner({ 'f:b': {} })],
    ]);
    const { object, managers: after } = updater.apply(typed({ a: 1, b: 2 }), typed({}), 'v1', managers, 'left', false);
    expect(object?.value).toEqual({ b: 2 });
    expect(fieldsOf(after)).toEqual({ right: { 'f:b': {} } });
  });

  it('may own a field together if they agree', () => {
    const managers: ManagedFields = new Map([['left', owner({ 'f:a': {} })]]);
    const { object, managers: after } = updater.apply(typed({ a: 1 }), typed({ a: 1 }), 'v1', managers, 'right', false);
    expect(object).toBeUndefined();
    expect(fieldsOf(after)).toEqual({ left: { 'f:a': {} }, right: { 'f:a': {} } });
  });

  it('are all named when they conflict, in order', () => {
    const managers: ManagedFields = new Map([
      ['right', owner({ 'f:a': {}, 'f:b': {} })],
      ['left', owner({ 'f:a': {} })],
    ]);
    expect(() => updater.apply(typed({ a: 1, b: 1 }), typed({ a: 2, b: 2 }), 'v1', managers, 'me', false)).toThrow(
      'conflicts with "left":\n- .a\nconflicts with "right":\n- .a\n- .b',
    );
    expect([...managers.keys()]).toEqual(['right', 'left']);
  });

  it('lose what an update removes, and vanish with the last of it', () => {
    const managers: ManagedFields = new Map([
      ['left', owner({ 'f:a': {} })],
      ['right', owner({ 'f:b': {} })],
    ]);
    const { managers: after } = updater.update(typed({ a: 1, b: 1 }), typed({ b: 1 }), 'v1', managers, 'me');
    expect(fieldsOf(after)).toEqual({ right: { 'f:b': {} } });
  });

  it('do not come to own what is ignored', () => {
    const ignore = new Map([['v1', excludeFilter(FieldSet.of(['status']))]]);
    const filtered = createUpdater({ converter: same, ignore });
    const { managers } = filtered.update(typed({}), typed({ spec: 1, status: { a: 1 } }), 'v1', new Map(), 'me');
    expect(fieldsOf(managers)).toEqual({ me: { 'f:spec': {} } });
    const applied = filtered.apply(typed({}), typed({ spec: 1, status: { a: 1 } }), 'v1', new Map(), 'me', false);
    expect(fieldsOf(applied.managers)).toEqual({ me: { 'f:spec': {} } });
  });

  describe('of several versions', () => {
    /** v2 calls `a` what v1 calls `b`. */
    const converter: Converter = {
      convert(object, apiVersion) {
        if (apiVersion === 'gone') throw new MissingVersionError(apiVersion);
        const { version, a, b, ...rest } = object.value as { [key: string]: JsonValue };
        if (version === apiVersion) return object;
        const value = apiVersion === 'v2' ? { a: b } : { b: a };
        return typed(JSON.parse(JSON.stringify({ version: apiVersion, ...value, ...rest })) as JsonValue);
      },
    };
    const versioned = createUpdater({ converter });
    const apply = (live: TypedValue, intent: JsonValue, version: string, managers: ManagedFields, manager: string) =>
      versioned.apply(live, typed(intent), version, managers, manager, false);

    it('conflict under the name that their version has', () => {
      const managers: ManagedFields = new Map([['left', owner({ 'f:a': {} }, 'v2')]]);
      const change = () => apply(typed({ version: 'v1', b: 1 }), { version: 'v1', b: 2 }, 'v1', managers, 'right');
      expect(change).toThrow('conflict with "left": .a');
    });

    it('prune in the version of the last apply, and keep what others own in theirs', () => {
      const left = owner({ 'f:a': {}, 'f:x': {}, 'f:y': {} }, 'v2');
      const managers: ManagedFields = new Map([
        ['left', left],
        ['right', owner({ 'f:x': {} }, 'v1')],
      ]);
      const live = typed({ version: 'v1', b: 1, x: 1, y: 1 });
      const { object, managers: after } = apply(live, { version: 'v1' }, 'v1', managers, 'left');
      expect(object?.value).toEqual({ version: 'v1', x: 1 });
      expect(after.get('left')).toMatchObject({ apiVersion: 'v1', applied: true });
    });

    it('are forgotten with a version that is not served any more', () => {
      const managers: ManagedFields = new Map([['left', owner({ 'f:b': {} }, 'gone')]]);
      const { object, managers: after } = apply(
        typed({ version: 'v1', b: 1 }),
        { version: 'v1', b: 2 },
        'v1',
        managers,
        'right',
      );
      expect(object?.value).toEqual({ version: 'v1', b: 2 });
      expect([...after.keys()]).toEqual(['right']);
    });
  });
});
