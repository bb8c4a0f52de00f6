import { testEnvironment } from '@setpoint/testing';
import operator, { Note } from '../src/operator.ts';

await using env = await testEnvironment({ kinds: [Note] });
await env.start(operator, { refusals: 'fail' });
await env.client.create(Note, { metadata: { name: 'a', namespace: 'default' }, spec: { text: 'hello' } });
await env.settled();
