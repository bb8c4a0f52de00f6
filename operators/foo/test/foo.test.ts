import { runPass } from '@setpoint/testing';
import { describe, expect, test } from 'vitest';
import { fooController } from '../src/controllers/foo.ts';

const foo = (friend: string, status?: object) => ({
  apiVersion: 'tutorial.my.domain/v1',
  kind: 'Foo',
  metadata: { name: 'foo-1', namespace: 'default' },
  spec: { name: friend },
  ...(status ? { status } : {}),
});
const pod = (name: string, namespace = 'default') => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } });

describe('a Foo', () => {
  test('without its friend is not happy, and says so in its status and an Event', async () => {
    const { outcome, object, events } = await runPass(fooController, [foo('jack')]);
    expect(outcome.type).toBe('success');
    expect(object).toMatchObject({ status: { happy: false } });
    expect(events).toEqual([{ type: 'Normal', reason: 'HappyChanged', note: 'happy is now false' }]);
  });

  test('is happy when a Pod of its friend exists, in whatever namespace', async () => {
    const { object } = await runPass(fooController, [foo('jack'), pod('jill'), pod('jack', 'elsewhere')]);
    expect(object).toMatchObject({ status: { happy: true } });
  });

  test('that is as it should be costs no write and no Event', async () => {
    const { writes, events } = await runPass(fooController, [foo('jack', { happy: true }), pod('jack')]);
    expect(writes).toEqual([]);
    expect(events).toEqual([]);
  });

  test('whose friend has gone is not happy any more', async () => {
    const { object } = await runPass(fooController, [foo('jack', { happy: true })]);
    expect(object).toMatchObject({ status: { happy: false } });
  });
});
