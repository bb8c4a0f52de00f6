import { expect, test } from 'vitest';
import { enabledControllers } from './names.ts';

const known = ['namespace-controller', 'job-controller', 'garbage-collector-controller'];

test('a star is all, a dash takes one away, and the older names do as well', () => {
  expect([...enabledControllers(['*'], known)]).toEqual(known);
  expect([...enabledControllers(['*', '-garbagecollector'], known)]).toEqual(known.slice(0, 2));
  expect([...enabledControllers(['job-controller'], known)]).toEqual(['job-controller']);
  expect([...enabledControllers([], known)]).toEqual([]);
});

test('a name that nobody has is refused with those that there are', () => {
  expect(() => enabledControllers(['*', '-foo'], known)).toThrow(
    "there is no controller 'foo'; there are: *, garbage-collector-controller, job-controller, namespace-controller",
  );
});
