// What `setpoint manifests` writes, installed by those who do not have the command.

import type { Client } from 'setpoint/client';
import { Namespace } from 'setpoint/core/v1';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Foo } from '../../operators/foo/src/api/v1/foo.ts';
import { buildHelm } from '../deployment/helm.ts';
import { connected, kubectl, objectsOf, patience, provideImage, readyPods, succeeds } from './testing.ts';

const name = 'foo-operator';
const helm = buildHelm();
let client: Client;

beforeAll(async () => {
  client = await connected();
  // As package.json says, and so the manifests.
  await provideImage('foo', `${name}:0.1.0`);
});

afterAll(() => client[Symbol.asyncDispose]());

const inCluster =
  (program: string, ...args: string[]) =>
  () =>
    succeeds('foo', program, ...args);
const release = ['--namespace', 'released'];
const forms = [
  {
    form: 'the one file',
    namespace: `${name}-system`,
    install: inCluster(kubectl, 'apply', '--server-side', '-f', 'dist/install.yaml'),
    uninstall: inCluster(kubectl, 'delete', '-f', 'dist/install.yaml'),
  },
  {
    form: 'kustomize',
    namespace: `${name}-system`,
    install: inCluster(kubectl, 'apply', '--server-side', '-k', 'config/default'),
    uninstall: inCluster(kubectl, 'delete', '-k', 'config/default'),
  },
  {
    form: 'the Helm chart',
    namespace: 'released',
    install: inCluster(
      helm,
      'install',
      'one',
      'dist/chart',
      ...release,
      '--create-namespace',
      '--wait',
      '--set',
      'crds.keep=false',
    ),
    async uninstall() {
      await succeeds('foo', helm, 'uninstall', 'one', ...release, '--wait');
      // Which Helm makes and does not take away.
      await client.delete(Namespace, { name: 'released' });
    },
  },
];

test.each(forms)(
  '$form installs an operator that works, and takes it away',
  async ({ namespace, install, uninstall }) => {
    const before = await objectsOf(client);
    try {
      await install();
      await expect.poll(() => readyPods(client, name, namespace), patience).toHaveLength(1);
      const key = { namespace: 'default', name: 'lonely' };
      await client.create(Foo, { metadata: key, spec: { name: 'nobody' } });
      await expect.poll(async () => (await client.get(Foo, key)).status, patience).toEqual({ happy: false });
    } finally {
      await uninstall();
    }
    await expect.poll(() => objectsOf(client), patience).toEqual(before);
  },
);
