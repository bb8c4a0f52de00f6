import { describe, expect, it } from 'vitest';
import { linkedSignal } from './linked-signal.ts';

describe('a linked signal', () => {
  it('aborts with the first of its sources, for the same reason', () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const link = linkedSignal(one.signal, undefined, two.signal);
    two.abort('two');
    one.abort('one');
    expect(link.signal.reason).toBe('two');
  });

  it('is aborted from the start if a source is', () => {
    expect(linkedSignal(new AbortController().signal, AbortSignal.abort('before')).signal.reason).toBe('before');
  });

  it('hears nothing once disposed of', () => {
    const source = new AbortController();
    const link = linkedSignal(source.signal);
    link[Symbol.dispose]();
    source.abort('late');
    expect(link.signal.aborted).toBe(false);
  });
});
