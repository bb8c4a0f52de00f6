import { PassThrough } from 'node:stream';
import { FakeClock } from '@setpoint/apimachinery/clock';
import { expect, test } from 'vitest';
import { createLog, type LogOptions } from './log.ts';
import { prettyLine } from './pretty.ts';

const pass = {
  controller: 'foo',
  group: 'tutorial.my.domain',
  kind: 'Foo',
  namespace: 'default',
  name: 'foo-1',
  reconcileID: 'f16a170e-7af1-4c04-866b-80b21a0bcd40',
};

async function logged(options: Partial<LogOptions> & { readonly isTTY?: boolean } = {}) {
  const { isTTY = false, ...rest } = options;
  const destination = Object.assign(new PassThrough(), { isTTY });
  const log = await createLog({ level: 'info', format: 'auto', clock: new FakeClock(), destination, ...rest });
  return { log, text: () => String(destination.read() ?? '') };
}

test('a line is one JSON object where the output is no terminal', async () => {
  const { log, text } = await logged();
  log.child(pass).info({ happy: true }, "foo's happy status updated");
  const { time, ...fields } = JSON.parse(text());
  expect(fields).toEqual({ level: 'info', ...pass, happy: true, msg: "foo's happy status updated" });
  expect(new Date(time).toISOString()).toBe(time);
});

test('on a terminal it is a line for people, in colours', async () => {
  const { log, text } = await logged({ isTTY: true });
  log.child(pass).info('reconciling');
  const line = text();
  expect(line).toContain('\u001b[');
  expect(line).toContain('foo Foo.tutorial.my.domain default/foo-1');
});

test('format says it regardless of the terminal, level what is left out', async () => {
  const json = await logged({ isTTY: true, format: 'json' });
  json.log.info('a');
  expect(JSON.parse(json.text()).msg).toBe('a');
  const pretty = await logged({ format: 'pretty', level: 'warn' });
  pretty.log.info('a');
  pretty.log.warn('b');
  expect(pretty.text()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}b\n$/);
});

/** Without the time, which depends on where the test runs. */
const pretty = (fields: object) =>
  prettyLine(JSON.stringify({ level: 'info', time: '2026-11-21T08:00:00.000Z', ...fields }), false).replace(
    /^\S+ /,
    '',
  );

test('a line for people names controller, object, message, fields and pass, in this order', () => {
  expect(pretty({ ...pass, happy: false, msg: "foo's happy status updated" })).toBe(
    "INFO  foo Foo.tutorial.my.domain default/foo-1: foo's happy status updated happy=false #f16a170e\n",
  );
});

test('a core kind has no group, a cluster-scoped object no namespace', () => {
  const node = { controller: 'foo', group: '', kind: 'Node', name: 'n' };
  expect(pretty({ ...node, msg: 'seen' })).toBe('INFO  foo Node n: seen\n');
});

test('what is of the controller and of no object names the controller; what is of none names its fields', () => {
  const { controller, group, kind } = pass;
  expect(pretty({ controller, group, kind, source: 'kind source: Pod', msg: 'Starting EventSource' })).toBe(
    'INFO  foo: Starting EventSource source="kind source: Pod"\n',
  );
  expect(pretty({ kind: 'metrics', addr: '127.0.0.1:8080', msg: 'starting server' })).toBe(
    'INFO  starting server addr=127.0.0.1:8080 kind=metrics\n',
  );
});

test('what is no JSON is shown as it is', () => {
  expect(prettyLine('oops\n', true)).toBe('oops\n');
});
