import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCached, markCached } from './cached.ts';
import { draft } from './draft.ts';

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}

const foo = () =>
  deepFreeze({
    apiVersion: 'a.b/v1',
    kind: 'Foo',
    metadata: { name: 'x', labels: { app: 'a' } as Record<string, string> },
    spec: { size: 1, ports: [{ port: 80 }, { port: 81 }] as { port: number; name?: string }[] },
  });

describe('draft', () => {
  it('changes a copy and leaves the frozen original alone', () => {
    const original = foo();
    const changed = draft(original, (d) => {
      d.spec.size = 3;
      d.metadata.labels.tier = 'web';
    });
    expect(changed.spec.size).toBe(3);
    expect(changed.metadata.labels).toEqual({ app: 'a', tier: 'web' });
    expect(original).toEqual(foo());
  });

  it('shares with the original what did not change', () => {
    const original = foo();
    const changed = draft(original, (d) => {
      d.spec.size = 3;
    });
    expect(changed.metadata).toBe(original.metadata);
    expect(changed.spec.ports).toBe(original.spec.ports);
  });

  it('answers the original itself where nothing changed', () => {
    const original = foo();
    expect(draft(original, () => {})).toBe(original);
    expect(
      draft(original, (d) => {
        d.spec.size = 1;
      }),
    ).toBe(original);
  });

  it('understands what lists can do', () => {
    const changed = draft(foo(), (d) => {
      d.spec.ports.push({ port: 82 });
      d.spec.ports.sort((a, b) => b.port - a.port);
      for (const port of d.spec.ports) port.name = `p${port.port}`;
      d.spec.ports.splice(1, 1);
    });
    expect(changed.spec.ports).toEqual([
      { port: 82, name: 'p82' },
      { port: 80, name: 'p80' },
    ]);
    expect(Array.isArray(changed.spec.ports)).toBe(true);
  });

  it('deletes, enumerates and spreads as objects do', () => {
    const changed = draft(foo(), (d) => {
      delete d.metadata.labels.app;
      d.metadata.labels = { ...d.metadata.labels, keys: Object.keys(d.spec).join() };
    });
    expect(changed.metadata.labels).toEqual({ keys: 'size,ports' });
    expect(JSON.parse(JSON.stringify(changed))).toEqual(changed);
  });

  it('takes a part of itself to another place', () => {
    const changed = draft(foo(), (d) => {
      const [first] = d.spec.ports;
      if (first) d.spec.ports.push(first);
    });
    expect(structuredClone(changed.spec.ports)).toEqual([{ port: 80 }, { port: 81 }, { port: 80 }]);
  });

  it('does to the copy what the same function does to a writable object', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('set'), key: fc.constantFrom('a', 'b', '__proto__'), value: fc.jsonValue() }),
      fc.record({ do: fc.constant('push'), key: fc.constant('list'), value: fc.jsonValue() }),
      fc.record({ do: fc.constant('delete'), key: fc.constantFrom('a', 'list'), value: fc.constant(null) }),
      fc.record({ do: fc.constant('reverse'), key: fc.constant('list'), value: fc.constant(null) }),
    );
    const run = (target: Record<string, unknown>, steps: readonly { do: string; key: string; value: unknown }[]) => {
      for (const { do: what, key, value } of steps) {
        const list = target.list as unknown[] | undefined;
        if (what === 'set')
          Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
        else if (what === 'push') list?.push(value);
        else if (what === 'reverse') list?.reverse();
        else delete target[key];
      }
    };
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.jsonValue()), fc.array(step), (a, list, steps) => {
        const original = deepFreeze({ a, list, deep: { a } } as Record<string, unknown>);
        const before = structuredClone(original);
        const plain = structuredClone(original);
        run(plain, steps);
        const changed = draft(original, (d) => run(d, steps));
        expect(changed).toEqual(plain);
        expect(original).toEqual(before);
      }),
    );
  });

  it('of a cached object is still one that apply refuses', () => {
    const cached = deepFreeze(markCached(structuredClone(foo())));
    const changed = draft(cached, (d) => {
      d.metadata.labels.tier = 'web';
    });
    expect(isCached(changed)).toBe(true);
    expect(Object.keys(changed.metadata)).toEqual(['name', 'labels']);
  });
});

describe('markCached', () => {
  it('is seen through a spread and by nothing that enumerates or prints', () => {
    const cached = deepFreeze(markCached(structuredClone(foo())));
    expect(isCached({ ...cached, spec: { size: 9 } })).toBe(true);
    expect(cached).toEqual(foo());
    expect(JSON.stringify(cached)).toBe(JSON.stringify(foo()));
    expect(isCached(structuredClone(cached))).toBe(false);
    expect([isCached(foo()), isCached(null), isCached('x'), isCached({})]).toEqual([false, false, false, false]);
  });
});
