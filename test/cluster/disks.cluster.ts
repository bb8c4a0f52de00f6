// All that an API server asks an operator for, asked by a real one of a pod: defaults, validation, conversion.
import type { Client } from 'setpoint/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Disk, OldDisk } from './operators/disks/src/kinds.ts';
import { connected, deploy, objectsOf, patience, undeploy } from './testing.ts';

const key = (name: string) => ({ namespace: 'default', name });
let client: Client;
let before: readonly string[];

beforeAll(async () => {
  client = await connected();
  before = await objectsOf(client);
  await deploy('disks', 'localhost/disks:1');
});

afterAll(async () => {
  await undeploy('disks');
  await client[Symbol.asyncDispose]();
});

test('an invalid object is refused with what is wrong with it', async () => {
  const invalid = client.create(Disk, { metadata: key('empty'), spec: { gib: 0 } });
  await expect(invalid).rejects.toThrow('a disk of 0 GiB holds nothing');
});

test('what was left out is filled in before an object is stored', async () => {
  const { spec } = await client.create(Disk, { metadata: key('filled'), spec: { gib: 1 } });
  expect(spec).toEqual({ gib: 1, kind: 'ssd' });
  const status = async () => (await client.get(Disk, key('filled'))).status;
  await expect.poll(status, patience).toEqual({ formatted: '1 GiB of ssd' });
});

test('an object of an earlier version is converted both ways, and reconciled', async () => {
  await client.create(OldDisk, { metadata: key('old'), spec: { mib: 2048 } });
  expect((await client.get(Disk, key('old'))).spec).toEqual({ gib: 2, kind: 'ssd' });
  const old = async () => (await client.get(OldDisk, key('old'))).status;
  await expect.poll(old, patience).toEqual({ formatted: '2 GiB of ssd' });
  await expect(client.create(OldDisk, { metadata: key('tiny'), spec: { mib: 0 } })).rejects.toThrow('holds nothing');
});

test('undeploy leaves nothing behind', async () => {
  await undeploy('disks');
  await expect.poll(() => objectsOf(client), patience).toEqual(before);
});
