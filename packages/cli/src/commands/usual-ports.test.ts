import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { aroundTakenPorts } from './usual-ports.ts';

test('an operator takes another port where its usual one is taken, and no flag says which', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const taken = (server.address() as AddressInfo).port;
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));

  const ports = [
    { flag: '--metrics-bind-address', port: taken },
    { flag: '--health-probe-bind-address', port },
  ];
  expect(await aroundTakenPorts(['--log-level', 'debug'], ports)).toEqual([
    '--metrics-bind-address=127.0.0.1:0',
    '--log-level',
    'debug',
  ]);
  for (const given of [['--metrics-bind-address', '0'], ['--metrics-bind-address=:9000']]) {
    expect(await aroundTakenPorts(given, ports)).toEqual(given);
  }
});
