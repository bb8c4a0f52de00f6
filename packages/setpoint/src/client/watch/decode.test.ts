import { FakeClock } from '@setpoint/apimachinery/clock';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectionError, isWatchIdle } from '../../errors/index.ts';
import { ownFieldsOf } from '../../ownership/index.ts';
import type { WatchMessage } from '../options.ts';
import { FakeWatch } from '../testing/index.ts';
import { decodeEvent, decodeObject } from './decode-object.ts';
import { LineSplitter } from './lines.ts';
import { decodeList } from './list-page.ts';
import { watchMessages } from './messages.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const decode = (text: string, mode: 'keep' | 'cut' = 'cut') => {
  const data = bytes(text);
  return decodeObject(data, { start: 0, end: data.length }, { mode }).value;
};

/** What cutting the bytes must be equal to. */
function parseThenDelete(text: string): unknown {
  const object = JSON.parse(text);
  if (typeof object?.metadata === 'object' && object.metadata !== null) delete object.metadata.managedFields;
  return object;
}

/** JSON with names that look like the one that is cut, and white space anywhere. */
const name = fc.oneof(
  fc.constantFrom('managedFields', 'metadata', 'object', '"managedFields":[', '\\', '{', '}', ']', '__proto__'),
  fc.string(),
);
const leaf = fc.oneof(
  fc.constantFrom('"metadata":{"managedFields":1}', '\\"', null, true, 1.5),
  fc.string(),
  fc.integer(),
);
const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
})).value;
const metadata = fc.record(
  { name: fc.string(), managedFields: tree, labels: tree, annotations: fc.dictionary(name, fc.string()), zzz: tree },
  { requiredKeys: [] },
);
const kubeObject = fc
  .tuple(
    fc.dictionary(name, tree, { maxKeys: 3 }),
    metadata,
    fc.dictionary(name, tree, { maxKeys: 3 }),
    fc.constantFrom(undefined, 1, '\t'),
  )
  .map(([before, meta, after, indent]) => JSON.stringify({ ...before, metadata: meta, ...after }, null, indent));

describe('metadata.managedFields', () => {
  it('cut from the bytes leaves what parsing and deleting would leave', () => {
    fc.assert(
      fc.property(kubeObject, (text) => {
        expect(decode(text)).toEqual(parseThenDelete(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('is cut from the object of a watch event only at its place', () => {
    fc.assert(
      fc.property(kubeObject, (text) => {
        const event = decodeEvent(bytes(`{"type":"ADDED","object":${text}}`), { mode: 'cut' });
        expect(event.value).toEqual({ type: 'ADDED', object: parseThenDelete(text) });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '{"metadata":{"managedFields":[]}}',
    '{"metadata":{"managedFields":[1],"name":"a"}}',
    '{"metadata":{"name":"a","managedFields":[1]}}',
    '{"metadata":{"name":"a" , "managedFields" : [ "]" ] }}',
    '{"metadata":{"name":"a","managed\\u0046ields":[1]}}',
    '{"metadata":{"managedFields":[1],"managedFields":[2],"name":"a"}}',
    '{"metadata":null}',
    '{"spec":{"metadata":{"managedFields":[1]}},"metadata":{"name":"managedFields"}}',
  ])('in %s is handled', (text) => {
    expect(decode(text)).toEqual(parseThenDelete(text));
  });

  it('is kept on demand', () => {
    expect(decode('{"metadata":{"managedFields":[1]}}', 'keep')).toEqual({ metadata: { managedFields: [1] } });
  });

  it('says what one manager applied and another wrote, which changes with their fields alone', () => {
    const object = (fields: object, time: string, other: object, operation = 'Apply') => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        managedFields: [
          { manager: 'me', operation: 'Apply', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1: fields },
          { manager: 'you', operation, apiVersion: 'v1', fieldsV1: other },
          { manager: 'me', operation: 'Apply', apiVersion: 'v1', subresource: 'status', fieldsV1: { time } },
        ],
      },
    });
    const ownFields = (value: object) => {
      const data = bytes(JSON.stringify(value));
      return decodeObject(data, { start: 0, end: data.length }, { mode: 'own', managers: ['me', 'you'] });
    };
    const one = object({ 'f:data': { 'f:a': {} } }, 'T1', {});
    expect(ownFields(one).ownFields).toBeDefined();
    expect(ownFields(one).value.metadata.managedFields).toBeUndefined();
    expect(ownFields(object({ 'f:data': { 'f:a': {} } }, 'T2', { x: 1 })).ownFields).toBe(ownFields(one).ownFields);
    expect(ownFields(object({ 'f:data': {} }, 'T1', {})).ownFields).not.toBe(ownFields(one).ownFields);
    expect(ownFieldsOf(one as unknown as KubeObject, ['me', 'you'])).toBe(ownFields(one).ownFields);
    expect(ownFieldsOf(one as unknown as KubeObject, ['they', 'you'])).toBeUndefined();
    const written = object({}, 'T1', { 'f:data': {} }, 'Update');
    expect(ownFields(written).ownFields).toBe('[["Apply","v1",{}],["Update","v1",{"f:data":{}}]]');
    expect(ownFieldsOf(written as unknown as KubeObject, ['they', 'you'])).toBe('[["Update","v1",{"f:data":{}}]]');
  });
});

describe('integers', () => {
  it('beyond 2^53 survive', () => {
    const object = decode(
      '{"metadata":{"name":"a"},"spec":{"big":9007199254740993,"small":12,"text":"9007199254740993"}}',
    );
    expect(object).toMatchObject({ spec: { big: 9007199254740993n, small: 12, text: '9007199254740993' } });
  });
});

describe('lines', () => {
  it('come out whole wherever the chunks end', () => {
    const line = fc.string({ minLength: 1 }).filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(50)), (lines, cuts) => {
        const whole = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const splitter = new LineSplitter();
        const got: string[] = [];
        let at = 0;
        for (const cut of [...cuts, whole.length]) {
          for (const part of splitter.push(whole.subarray(at, at + cut))) got.push(Buffer.from(part).toString());
          at = Math.min(at + cut, whole.length);
        }
        expect(got).toEqual(lines);
        expect(splitter.rest()).toHaveLength(0);
      }),
    );
  });
});

describe('a list', () => {
  const complete = (object: KubeObject) => object;

  it('is parsed item by item, and an item that cannot be read stops no other', async () => {
    const list = await decodeList(
      bytes(
        '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"x"},"items":[{"metadata":{"name":"a","managedFields":[]}}, 5, {"metadata":{"namespace":"n"}},{"metadata":{"name":"b"}}]}',
      ),
      { mode: 'cut' },
      complete,
    );
    expect(list).toMatchObject({ kind: 'PodList', metadata: { resourceVersion: '7', continue: 'x' } });
    expect(list.items).toEqual([{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }]);
    expect(list.unreadable.map(({ reason }) => reason)).toEqual([
      'the server sent an object that cannot be read: it is no object',
      'the server sent an object that cannot be read: it has no metadata.name',
    ]);
  });

  it.each(['{"items":null,"metadata":{}}', '{"metadata":{}}', ' {"items" : [ ] }'])('%s has no items', async (text) => {
    expect((await decodeList(bytes(text), { mode: 'keep' }, complete)).items).toEqual([]);
  });

  it.each(['', '{"items":[{"metadata":{"name":"a"}}', 'null x', '{"items":[}'])(
    '%s that is cut short is an error',
    async (text) => {
      await expect(decodeList(bytes(text), { mode: 'keep' }, complete)).rejects.toThrow();
    },
  );
});

describe('a watch', () => {
  const options = {
    fields: { mode: 'cut' } as const,
    idleTimeout: 150_000,
    what: 'watch Pod',
    complete: (object: KubeObject) => object,
  };

  it('hands over events, bookmarks, errors and what cannot be read, in order', async () => {
    const body = new FakeWatch();
    body.send('ADDED', { metadata: { name: 'a', managedFields: [{}] } });
    body.write('{"type":"MODIFIED","object":{"metadata":{"namespace":"n","name":"b"},"spec":}}\n');
    body.write('\n');
    body.send('NEW', { metadata: { name: 'c' } });
    body.send('BOOKMARK', { metadata: { resourceVersion: '5' } });
    body.send('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    body.end();
    const got: WatchMessage<KubeObject>[] = [];
    for await (const message of watchMessages({ body, options: { ...options, clock: new FakeClock() } }))
      got.push(message);
    expect(got.map(({ type }) => type)).toEqual(['ADDED', 'UNREADABLE', 'UNREADABLE', 'BOOKMARK', 'ERROR']);
    expect(got[0]).toEqual({ type: 'ADDED', object: { metadata: { name: 'a' } } });
    expect(got[1]).toMatchObject({ key: 'n/b' });
    expect(got[4]).toMatchObject({ object: { code: 410 } });
  });

  it('whose connection breaks says what was watched', async () => {
    const body = new FakeWatch();
    body.fail(new ConnectionError('ConnectionLost', 'the connection to x was lost', { requestSent: true }));
    const read = async () => {
      for await (const _ of watchMessages({ body, options: { ...options, clock: new FakeClock() } }));
    };
    await expect(read()).rejects.toMatchObject({
      code: 'ConnectionLost',
      message: 'watch Pod: the connection to x was lost',
    });
  });

  it('that ends in the middle of an event is lost', async () => {
    const body = new FakeWatch();
    body.write('{"type":"ADDED","object":{"meta');
    body.end();
    const read = async () => {
      for await (const _ of watchMessages({ body, options: { ...options, clock: new FakeClock() } }));
    };
    await expect(read()).rejects.toMatchObject({
      code: 'ConnectionLost',
      message: 'watch Pod ended in the middle of an event',
    });
  });

  it('that brings no byte for its deadline fails, and gives its stream back', async () => {
    const clock = new FakeClock();
    const body = new FakeWatch();
    const iterator = watchMessages({ body, options: { ...options, clock } });
    const first = iterator.next();
    await clock.advance(149_000);
    body.send('ADDED', { metadata: { name: 'a' } });
    expect((await first).value).toMatchObject({ type: 'ADDED' });
    const second = iterator.next().catch((error) => error);
    await clock.advance(149_000);
    expect(body.cancelled).toBe(false);
    await clock.advance(1_000);
    const error = await second;
    expect(isWatchIdle(error)).toBe(true);
    expect(error.message).toBe('watch Pod was silent for 150 s and was given up');
    expect(body.cancelled).toBe(true);
  });
});
