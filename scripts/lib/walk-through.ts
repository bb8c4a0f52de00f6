import type { Client } from 'setpoint/client';
import { Pod } from 'setpoint/core/v1';
import { Foo } from '../../operators/foo/src/api/v1/foo.ts';

/** One of the article's four steps: what is done, and who is to be happy afterwards. */
export interface WalkThroughStep {
  readonly title: string;
  act(client: Client): Promise<void>;
  readonly happy: Readonly<Record<string, boolean>>;
}

const namespace = 'default';
const foo = (name: string, friend: string) => ({ metadata: { name, namespace }, spec: { name: friend } });

export const walkThrough: readonly WalkThroughStep[] = [
  {
    title: 'create foo-1 {name: jack} and foo-2 {name: joe}: neither is happy',
    async act(client) {
      await client.create(Foo, foo('foo-1', 'jack'));
      await client.create(Foo, foo('foo-2', 'joe'));
    },
    happy: { 'foo-1': false, 'foo-2': false },
  },
  {
    title: 'create the Pod jack: foo-1 becomes happy, foo-2 does not',
    async act(client) {
      const containers = [{ name: 'ubuntu', image: 'ubuntu:latest', command: ['sleep', 'infinity'] }];
      await client.create(Pod, { metadata: { name: 'jack', namespace }, spec: { containers } });
    },
    happy: { 'foo-1': true, 'foo-2': false },
  },
  {
    title: "edit foo-2's friend from joe to jack: it becomes happy too",
    async act(client) {
      await client.patch(Foo, { name: 'foo-2', namespace }, { type: 'merge', body: { spec: { name: 'jack' } } });
    },
    happy: { 'foo-1': true, 'foo-2': true },
  },
  {
    title: 'delete the Pod jack: neither is happy any more',
    async act(client) {
      await client.delete(Pod, { name: 'jack', namespace }, { gracePeriodSeconds: 0 });
    },
    happy: { 'foo-1': false, 'foo-2': false },
  },
];

/** What the API says of each Foo: happy, not happy, or nothing yet. */
export async function happiness(client: Client): Promise<Record<string, boolean | undefined>> {
  const { items } = await client.list(Foo, { namespace });
  return Object.fromEntries(items.map((item) => [item.metadata.name, item.status?.happy]));
}
