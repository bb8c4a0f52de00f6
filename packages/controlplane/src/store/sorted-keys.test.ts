import { compareBytes } from '@setpoint/apimachinery/json';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedKeys } from './sorted-keys.ts';

const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\uffee', '\u{1f600}'), maxLength: 4 });

test('keys are in order after any changes, few or many, whenever somebody looks', () => {
  const changes = fc.array(fc.record({ keys: fc.uniqueArray(key, { maxLength: 60 }), look: fc.boolean() }));
  fc.assert(
    fc.property(changes, (steps) => {
      const sorted = new SortedKeys();
      const model = new Set<string>();
      for (const { keys, look } of steps) {
        for (const one of keys) {
          if (model.delete(one)) sorted.remove(one);
          else {
            model.add(one);
            sorted.add(one);
          }
        }
        expect(sorted.length).toBe(model.size);
        if (!look) continue;
        const wanted = [...model].sort(compareBytes);
        expect(Array.from(wanted, (_, i) => sorted.at(i))).toEqual(wanted);
        expect(sorted.at(wanted.length)).toBeUndefined();
        const { from, to } = sorted.range('a');
        expect(wanted.slice(from, to)).toEqual(wanted.filter((one) => one.startsWith('a')));
      }
    }),
  );
});
