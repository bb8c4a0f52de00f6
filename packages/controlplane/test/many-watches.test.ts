import { createControlPlane } from '@setpoint/controlplane';
import { expect, test } from 'vitest';

const configMaps = '/api/v1/namespaces/default/configmaps';
const user = { name: 'admin', groups: ['system:masters'] };

function start() {
  const controlPlane = createControlPlane({ controllers: [] });
  const { revision } = controlPlane;
  const send = (method: string, url: string, body = '', controller = new AbortController()) =>
    controlPlane.handle({ method, url, headers: {}, body: Buffer.from(body), signal: controller.signal, user });
  const create = (name: string) => send('POST', configMaps, JSON.stringify({ metadata: { name } }));
  const watch = async (controller?: AbortController) => {
    const answer = await send('GET', `${configMaps}?watch=1&resourceVersion=${revision}`, '', controller);
    if (answer.body instanceof Uint8Array) throw new Error(Buffer.from(answer.body).toString());
    return answer.body[Symbol.asyncIterator]();
  };
  return { controlPlane, create, watch };
}

const textOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

test('two thousand watches see one change each, and end with the control plane', async () => {
  const { controlPlane, create, watch } = start();
  const watches = await Promise.all(Array.from({ length: 2000 }, () => watch()));
  const events = Promise.all(watches.map((one) => one.next()));
  await create('a');
  const lines = (await events).map(({ value }) => textOf(value));
  expect(new Set(lines).size).toBe(1);
  expect(lines[0]).toContain('"type":"ADDED"');
  const ends = Promise.all(watches.map((one) => one.next()));
  await controlPlane.close();
  expect((await ends).every(({ done }) => done)).toBe(true);
});

test('a watch that nobody reads is cut off, and holds up neither writers nor other watches', async () => {
  const { controlPlane, create, watch } = start();
  const unread = await watch();
  const read = await watch();
  let seen = 0;
  const reading = (async () => {
    for (;;) {
      const { done, value } = await read.next();
      if (done) return;
      seen += textOf(value).split('\n').length - 1;
    }
  })();
  for (let i = 0; i < 10_001; i++) await create(`a${i}`);
  // What waited for its reader is gone with it.
  expect(await unread.next()).toEqual({ done: true, value: undefined });
  expect(seen).toBe(10_001);
  await controlPlane.close();
  await reading;
});

test('what watches hold is let go of when their clients vanish', async () => {
  const { controlPlane, create, watch } = start();
  const controllers = Array.from({ length: 500 }, () => new AbortController());
  const watches = await Promise.all(controllers.map((controller) => watch(controller)));
  await create('a');
  const undelivered = () => controlPlane.activity().undelivered;
  expect(undelivered()).toBe(500);
  for (const controller of controllers) controller.abort();
  expect(undelivered()).toBe(0);
  expect((await Promise.all(watches.map((one) => one.next()))).every(({ done }) => done)).toBe(true);
  await controlPlane.close();
});
