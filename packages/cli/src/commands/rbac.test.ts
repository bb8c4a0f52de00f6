import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testEnvironment } from '@setpoint/testing';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { command, project, temporaryFolder } from '../../test/command.ts';
import mapper, { Note } from '../../test/projects/mapper/src/operator.ts';
import widgets, { Widget } from '../../test/projects/widgets/src/operator.ts';

const metadata = { name: 'a', namespace: 'default' };
const on = (name: string) => ['--project', project(name)] as const;

/** What an embedded control plane notes while an operator works. */
async function recorded(of: 'widgets' | 'mapper', refusals: 'fail' | 'ignore' = 'fail'): Promise<string> {
  const file = join(temporaryFolder(), 'audit.log');
  await using env = await testEnvironment({ kinds: [Widget, Note] });
  env.controlPlane.audit.onEvent((event) => appendFileSync(file, `${JSON.stringify(event)}\n`));
  await env.start(of === 'widgets' ? widgets : mapper, { refusals });
  await env.client.create(Widget, { metadata, spec: { size: 1 } });
  await env.client.create(Note, { metadata, spec: { text: 'hello' } });
  await env.settled();
  return file;
}

function rolesOf(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((document) => {
    const { kind, metadata: of, rules } = document.toJS();
    return { kind, name: of.name, ...(of.namespace ? { namespace: of.namespace } : {}), rules };
  });
}

test('derives the role that the requests of the operator took, and says what of the declared one was not used', async () => {
  const { code, out, err } = await command('rbac', ...on('widgets'), '--from-audit', await recorded('widgets'));
  expect(code).toBe(0);
  expect(out).toMatch(/^# The rights that \d+ requests of system:serviceaccount:default:widgets took\n/);
  const watched = { apiGroups: ['cli.example.com'], resources: ['widgets'], verbs: ['list', 'watch'] };
  expect(rolesOf(out)).toEqual([{ kind: 'ClusterRole', name: 'widgets-role', rules: [watched] }]);
  expect(err).toContain('surplus  create, patch events.events.k8s.io: declared, and not used');
  expect(err).toContain('ok       the role of widgets allows all that');
});

test('says what is missing as YAML, and with --check fails of it; what is surplus does not fail', async () => {
  const file = await recorded('mapper', 'ignore');
  const { code, out, err } = await command('rbac', ...on('mapper'), '--from-audit', file, '--check');
  expect(code).toBe(1);
  expect(out).toContain('surplus  get secrets: declared, and not used by any of these requests\n');
  expect(out).toContain('missing  patch configmaps in default\n');
  expect(err).toMatch(/^setpoint: the role of mapper lacks what was asked for: declare it in the controller/);
  const rule = { apiGroups: [''], resources: ['configmaps'], verbs: ['patch'] };
  const missing = { kind: 'Role', name: 'mapper-role', namespace: 'default', rules: [rule] };
  expect(rolesOf(err.slice(err.indexOf('---')))).toEqual([missing]);
  const well = await command('rbac', ...on('widgets'), '--from-audit', await recorded('widgets'), '--check');
  expect(well).toMatchObject({ code: 0, err: '' });
});

test('takes what the tests of a project ask for', async () => {
  const run = ['--from-run', '--', process.execPath, 'test/run.ts'];
  const { code, out, err } = await command('rbac', ...on('mapper'), ...run);
  expect(code, err).toBe(0);
  expect(err).toContain('setpoint: the run ended with code 1; what follows is about what it got to\n');
  expect(rolesOf(out)).toContainEqual(expect.objectContaining({ kind: 'Role', namespace: 'default' }));
});

/** As kube-apiserver writes it, policy level Metadata. */
const line = (verb: string, objectRef: object, more: object = {}) =>
  `${JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: 'a',
    stage: 'ResponseComplete',
    requestURI: '/apis',
    verb,
    user: { username: 'system:serviceaccount:apps:other', groups: ['system:authenticated'] },
    objectRef: { apiVersion: 'v1', ...objectRef },
    responseStatus: { metadata: {}, code: 200 },
    ...more,
  })}\n`;

function log(...lines: readonly string[]): string {
  const file = join(temporaryFolder(), 'audit.log');
  writeFileSync(file, lines.join(''));
  return file;
}

test('of anybody, without a project: Roles for what was seen in one namespace only, and names on request', async () => {
  const secret = { resource: 'secrets', namespace: 'apps', name: 'key' };
  const file = log(
    line('get', secret),
    line('list', { resource: 'pods' }),
    line('delete', { resource: 'pods', namespace: 'apps', name: 'p' }),
    line('get', secret, { stage: 'RequestReceived', verb: 'delete' }),
  );
  const flags = ['--project', temporaryFolder(), '--from-audit', file, '--service-account', 'apps/other'];
  const { code, out, err } = await command('rbac', ...flags, '--resource-names');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(rolesOf(out)).toEqual([
    {
      kind: 'ClusterRole',
      name: 'other-role',
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
        { apiGroups: [''], resourceNames: ['p'], resources: ['pods'], verbs: ['delete'] },
      ],
    },
    {
      kind: 'Role',
      name: 'other-role',
      namespace: 'apps',
      rules: [{ apiGroups: [''], resourceNames: ['key'], resources: ['secrets'], verbs: ['get'] }],
    },
  ]);
  const exact = await command('rbac', ...flags, '--exact');
  expect(rolesOf(exact.out)).toContainEqual(expect.objectContaining({ kind: 'Role', namespace: 'apps' }));
});

test.each([
  [[], 2, 'use one of --from-audit <file> and --from-run'],
  [['--from-audit', '/does/not/exist'], 1, 'the audit log /does/not/exist does not exist'],
  [['--from-audit', 'x', '--service-account', 'x'], 2, 'name one user'],
  [['--from-audit', 'x', '--', 'npm'], 2, 'what is npm? a command goes with --from-run'],
  [['--from-run', '--', '/does/not/exist'], 1, '/does/not/exist cannot be started'],
  [
    ['--from-run', '--', process.execPath, '-e', '0'],
    1,
    'there is no request of a service account widgets: nothing was recorded',
  ],
] as const)('%j: exit code %d, and one sentence', async (flags, code, sentence) => {
  const result = await command('rbac', ...on('widgets'), ...flags);
  expect(result).toMatchObject({ code, out: '' });
  expect(result.err).toContain(`setpoint: ${sentence}`);
});

test('a file that is no audit log, and one of others', async () => {
  const from = (file: string) => command('rbac', ...on('widgets'), '--from-audit', file);
  expect((await from(log('{"kind":"Pod"}\n'))).err).toMatch(/audit\.log, line 1 is no Event of audit\.k8s\.io\/v1\n$/);
  expect((await from(log(line('get', {}), 'hello\n'))).err).toMatch(/audit\.log, line 2: .*JSON/);
  const others = await from(log(line('get', { resource: 'pods' })));
  expect(others.code).toBe(1);
  expect(others.err).toContain('there are some of system:serviceaccount:apps:other (1); choose with --user');
});

test('the log has the requests, not what they carry', async () => {
  expect(readFileSync(await recorded('mapper', 'ignore'), 'utf8')).not.toContain('hello');
});
