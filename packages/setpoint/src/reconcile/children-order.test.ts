import { describe, expect, test } from 'vitest';
import { at, small, start } from '../../test/fake/children.ts';
import { Plain } from '../../test/fake/kinds.ts';
import { failed, progressing, ready } from '../readiness/index.ts';
import { child, step, waitFor } from './index.ts';

const whenSized = (size: number) => (object: Plain) =>
  object.spec.size >= size ? ready : progressing('TooSmall', `size ${object.spec.size} of ${size}`);

describe('order', () => {
  test('is that of the dependencies, and otherwise as given', async () => {
    const { operator, sent } = start(() => {
      const base = small('base', 1, { ready: () => ready });
      const top = small('top', 1, { dependsOn: [base] });
      return { children: [small('first'), top, base, small('last')] };
    });
    await using _ = operator;
    await operator.settle();
    expect(sent()).toEqual(['patch first', 'patch base', 'patch top', 'patch last']);
  });

  test('waits for what is not ready, prunes nothing meanwhile, and goes on when it is', async () => {
    let grown = false;
    const { api, operator, plains, condition, touch } = start(() => {
      if (!grown) return { children: [small('old')] };
      const base = child(
        Plain,
        { metadata: { name: 'base' }, spec: { size: 1 } },
        { ready: (object) => (object.metadata.labels?.up ? ready : progressing('Down', 'it is down')) },
      );
      return { children: [base, small('top', 1, { dependsOn: [base] })] };
    });
    await using _ = operator;
    await operator.settle();
    grown = true;
    await touch();
    expect(plains()).toEqual(['base', 'old']);
    const message = 'Plain.test.example.com default/base: it is down; 1 of the others wait for that';
    expect(condition('Reconciled')).toBe(`False ChildrenNotReady: ${message}`);
    expect(condition('Ready')).toBe(`False ChildrenNotReady: ${message}`);
    expect(operator.messages('error')).toEqual([]);
    api.edit(Plain, at('base'), (object) => {
      object.metadata.labels.up = 'yes';
    });
    await operator.settle();
    expect(plains()).toEqual(['base', 'top']);
    expect(condition('Reconciled')).toBe('True ReconcileSuccess: ');
  });

  test('knows steps: what depends on them waits, and their time is kept', async () => {
    let done: ReturnType<typeof progressing> | undefined = progressing('Migrating', '3 of 9 tables', {
      requeueAfter: '20s',
    });
    const runs: number[] = [];
    const { operator, plains, condition } = start(() => {
      const base = small('base');
      const migrated = step(
        'migrate',
        () => {
          runs.push(1);
          return done;
        },
        { dependsOn: [base] },
      );
      return { children: [base, migrated, small('top', 1, { dependsOn: [migrated] })] };
    });
    await using _ = operator;
    await operator.settle();
    expect(condition('Ready')).toBe('False Migrating: step migrate: 3 of 9 tables; 1 of the others wait for that');
    done = undefined;
    const before = runs.length;
    await operator.clock.advance(19_000);
    expect(runs).toHaveLength(before);
    await operator.clock.advance(1_000);
    await operator.settle();
    expect(plains()).toEqual(['base', 'top']);
    expect(condition('Ready')).toContain('True');
  });

  test('tells a child that failed as a Warning, once, and not as an error of the pass', async () => {
    const { operator, condition, events, touch } = start(() => {
      const base = small('base', 1, { ready: () => failed('Broken', 'it is broken') });
      return { children: [base, small('top', 1, { dependsOn: [base] })] };
    });
    await using _ = operator;
    await operator.settle();
    await touch();
    const message = 'Plain.test.example.com default/base: it is broken; 1 of the others wait for that';
    expect(condition('Reconciled')).toBe(`False ChildFailed: ${message}`);
    expect(events()).toEqual([`Warning ChildFailed: ${message}`]);
    expect(operator.messages('error')).toEqual([]);
  });
});

describe('Ready', () => {
  test('is not while children are not, though the pass has gone well', async () => {
    let wanted = 3;
    const { operator, condition, events, touch } = start(() => ({
      children: [small('one', 2, { ready: whenSized(wanted) })],
    }));
    await using _ = operator;
    await operator.settle();
    expect(condition('Reconciled')).toBe('True ReconcileSuccess: ');
    expect(condition('Ready')).toBe('False ChildrenNotReady: Plain.test.example.com default/one: size 2 of 3');
    expect(events()).toEqual([]);
    wanted = 2;
    await touch();
    expect(condition('Ready')).toBe('True ReconcileSuccess: ');
  });

  test('is what the pass says of it, whatever its children are', async () => {
    const { operator, condition } = start((_, { conditions }) => {
      conditions.set({ type: 'Ready', status: 'True', reason: 'GoodEnough' });
      return { children: [small('one', 2, { ready: whenSized(3) })] };
    });
    await using _ = operator;
    await operator.settle();
    expect(condition('Ready')).toBe('True GoodEnough: ');
  });
});

describe('waitFor', () => {
  test('is told in the conditions and as an Event, comes back in time, and prunes nothing', async () => {
    let waiting = true;
    let names = ['one', 'two'];
    const passes: number[] = [];
    const { operator, condition, events, plains } = start((_, { clock }) => {
      passes.push(clock.monotonic());
      const children = names.map((name) => small(name));
      return waiting
        ? { children, ...waitFor('DnsPending', 'the name does not resolve', { requeueAfter: '10s' }) }
        : { children };
    });
    await using _ = operator;
    await operator.settle();
    names = ['one'];
    await operator.clock.advance(10_000);
    await operator.settle();
    expect(condition('Reconciled')).toBe('False DnsPending: the name does not resolve');
    expect(condition('Ready')).toBe('False DnsPending: the name does not resolve');
    expect(events()).toEqual(['Normal DnsPending: the name does not resolve']);
    expect(plains()).toEqual(['one', 'two']);
    expect(operator.messages('error')).toEqual([]);
    waiting = false;
    await operator.clock.advance(10_000);
    await operator.settle();
    expect(plains()).toEqual(['one']);
    expect(condition('Ready')).toBe('True ReconcileSuccess: ');
    const { length } = passes;
    await operator.clock.advance(60_000);
    expect(passes).toHaveLength(length);
  });
});
