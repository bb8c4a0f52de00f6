import { type ScenarioServer, scenario } from '../scenario.ts';
import { configMap, configMaps } from './fixtures.ts';

const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' };

/** A field whose value has a length: a text or a message. */
function field(number: number, value: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(value as string, 'latin1');
  return Buffer.concat([Buffer.of(number * 8 + 2, bytes.length), bytes]);
}

function envelope(apiVersion: string, kind: string, raw: string | Uint8Array): Uint8Array {
  return Buffer.concat([
    Buffer.from('k8s\0'),
    field(1, Buffer.concat([field(1, apiVersion), field(2, kind)])),
    field(2, raw),
  ]);
}

const send = (server: ScenarioServer, method: string, path: string, body: Uint8Array) =>
  server.request(method, path, { body, headers });

/** Messages of ConfigMaps: metadata is field 1, data field 2. */
const named = (name: string) => field(1, field(1, name));
const data = (key: string, value: string) => field(2, Buffer.concat([field(1, key), field(2, value)]));

export const protobuf = [
  scenario('protobuf', 'objects may be sent in protobuf', async (server) => {
    const path = configMaps(server);
    const post = (...fields: readonly Uint8Array[]) =>
      send(server, 'POST', path, envelope('v1', 'ConfigMap', Buffer.concat(fields)));
    await post(named('a'), data('k', 'v'), data('', ''));
    await post(named('a'), data('k', 'v'), data('l', ''));
    await post(named('a'));
    await post(named('Not A Name'));
    await post();
    await send(server, 'PUT', `${path}/a`, envelope('v1', 'ConfigMap', Buffer.concat([named('a'), data('x', 'y')])));
    await send(server, 'PUT', `${path}/a`, envelope('v1', 'ConfigMap', named('b')));
    await send(server, 'PUT', `${path}/a`, envelope('', '', named('a')));
    await server.get(`${path}/a`);
    await send(server, 'POST', path, envelope('v1', 'Secret', named('s')));
    await send(server, 'POST', path, envelope('v1', 'NoSuchKind', named('s')));
    await send(server, 'POST', path, envelope('v2', 'ConfigMap', named('s')));
    await send(server, 'POST', path, envelope('apps/v1', 'Deployment', named('s')));
  }),
  scenario('protobuf', 'what is no message is refused', async (server) => {
    const path = configMaps(server);
    for (const text of [
      '',
      'hello',
      'k8s',
      'k8s\0',
      'k8s\0\xff',
      'k8s\0\x0a',
      'k8s\0\x08\x01',
      '{"kind":"ConfigMap"}',
    ]) {
      await send(server, 'POST', path, Buffer.from(text, 'latin1'));
    }
    const broken = [
      '\xff\xff',
      '\x08\x01',
      '\x0a\x03\x0a\x05a',
      '\x0b\x01',
      '\x0c\x01',
      '\x00\x01',
      '\x12\x02\x0a\x09',
    ];
    for (const text of [...broken, '\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01', '\x0f\x01', '\x7b\x7c']) {
      await send(server, 'POST', path, envelope('v1', 'ConfigMap', text));
    }
  }),
  scenario('protobuf', 'options of a deletion may be sent in protobuf', async (server) => {
    const path = configMaps(server);
    await server.post(path, configMap('a'), { unrecorded: true });
    const remove = (raw: string, kind = 'DeleteOptions', apiVersion = 'v1') =>
      send(server, 'DELETE', `${path}/a`, envelope(apiVersion, kind, raw));
    await send(server, 'DELETE', `${path}/a`, Buffer.from('hello'));
    await send(server, 'DELETE', `${path}/a`, Buffer.from('k8s\0'));
    await remove('\xff');
    await remove('\x0c');
    await remove('', 'Pod');
    await remove('\x12\x05\x0a\x03xyz');
    await remove('\x22\x04Nope');
    await remove('\x2a\x03All');
    await remove('\x08\x00', 'DeleteOptions', 'apps/v1');
    await server.get(`${path}/a`);
  }),
];
