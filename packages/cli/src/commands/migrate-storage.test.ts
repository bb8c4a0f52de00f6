import { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from 'setpoint/admissionregistration.k8s.io/v1';
import { CustomResourceDefinition } from 'setpoint/apiextensions.k8s.io/v1';
import { expect, test } from 'vitest';
import { type Cluster, cluster, command, project } from '../../test/command.ts';
import { gauge } from '../../test/projects/gauges/versions.ts';
import { migratesInThreeStepsAndInOne, steps } from '../../test/storage-scenario.ts';

const name = 'gauges.gauges.cli.example.com';
const alpha = gauge('v1alpha1');
const on = ({ kubeconfig }: Cluster, step: string) =>
  ['--project', project(`gauges/${step}`), '--kubeconfig', kubeconfig] as const;

test('objects of a CRD go from v1alpha1 to v1, in three steps and in one', async () => {
  const { kubeconfig } = await cluster();
  expect(await migratesInThreeStepsAndInOne(kubeconfig)).toEqual(steps);
});

test('an object that cannot be written is named, and the next call goes on with it', async () => {
  const at = await cluster();
  await command('install', ...on(at, 'alpha'));
  for (const object of ['a', 'b', 'c'])
    await at.client.create(alpha, { metadata: { name: object, namespace: 'default' }, spec: { size: 1 } });
  await command('install', ...on(at, 'both'));
  const rule = { apiGroups: [alpha.group], apiVersions: ['*'], operations: ['UPDATE'], resources: ['gauges'] };
  await at.client.create(ValidatingAdmissionPolicy, {
    metadata: { name: 'hold' },
    spec: {
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: "object.metadata.name != 'b'", message: 'b is held' }],
    },
  } as never);
  await at.client.create(ValidatingAdmissionPolicyBinding, {
    metadata: { name: 'hold' },
    spec: { policyName: 'hold', validationActions: ['Deny'] },
  } as never);
  const held = await command('migrate-storage', ...on(at, 'both'));
  expect(held).toMatchObject({ code: 1, out: '' });
  expect(held.err).toContain('1 objects of gauges.gauges.cli.example.com could not be written');
  expect(held.err).toContain('default/b');
  expect(held.err).toContain('b is held');
  const definition = () => at.client.get(CustomResourceDefinition, { name });
  expect((await definition()).status?.storedVersions).toEqual(['v1alpha1', 'v1']);
  await at.client.delete(ValidatingAdmissionPolicyBinding, { name: 'hold' });
  const again = await command('migrate-storage', ...on(at, 'both'));
  expect(again).toMatchObject({ code: 0, err: '' });
  expect(again.out).toContain('1 objects written; all are stored in v1\n');
  expect((await definition()).metadata.annotations).toBeUndefined();
});

test('a CRD that is not there, and a number that is none', async () => {
  const at = await cluster();
  const absent = await command('migrate-storage', ...on(at, 'both'));
  expect(absent).toMatchObject({ code: 1, out: '' });
  expect(absent.err).toBe(`setpoint: the CRD ${name} is not in the cluster: run \`setpoint install\` first\n`);
  expect((await command('migrate-storage', ...on(at, 'both'), '--concurrency', 'many')).code).toBe(2);
});

test('install does not break objects that are there, unless it is told', async () => {
  const at = await cluster();
  await command('install', ...on(at, 'alpha'));
  const specs = { small: { size: 1 }, large: { size: 6 }, lossy: { size: 1, unit: 'm' } };
  for (const [object, spec] of Object.entries(specs))
    await at.client.create(alpha, { metadata: { name: object, namespace: 'default' }, spec });
  const { code, out, err } = await command('install', ...on(at, 'strict'));
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err.split('\n')).toEqual([
    `setpoint: the CRD ${name} breaks 2 of 3 objects, in version v1alpha1:`,
    expect.stringMatching(/^ {2}default\/large: spec\.size: Invalid value: 6: .*less than or equal to 5$/),
    '  default/lossy: it would lose spec.unit',
    '  mend them first, or go on with --force',
    '',
  ]);
  const forced = await command('install', ...on(at, 'strict'), '--force');
  expect(forced.code).toBe(0);
  expect(forced.err).toContain('breaks 2 of 3 objects');
  expect((await command('install', ...on(at, 'strict'))).err).toBe('');
});
