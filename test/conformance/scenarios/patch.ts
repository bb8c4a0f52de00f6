import { scenario } from '../scenario.ts';
import { configMap, configMaps, crd, widget, widgets } from './fixtures.ts';

export const patch = [
  scenario('patch', 'merge patch', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server), configMap('a', { data: { a: '1', b: '2' } }));
    await server.patch(path, 'merge', { data: { a: null, c: '3' }, metadata: { labels: { l: '1' } } });
    await server.patch(path, 'merge', { data: { c: '3' } });
    await server.patch(path, 'merge', { metadata: { resourceVersion: '1' }, data: { d: '1' } });
    await server.patch(path, 'merge', { metadata: { uid: 'other' } });
    await server.patch(path, 'merge', { metadata: { name: 'b' } });
    await server.patch(path, 'merge', { data: { n: 7 } });
    await server.patch(path, 'merge', '[]');
    await server.patch(path, 'merge', '{');
    await server.patch(path, 'merge', { bogus: 1 });
    await server.patch(`${path}?fieldValidation=Strict`, 'merge', { bogus: 1 });
    await server.patch(`${path}?dryRun=All`, 'merge', { data: { dry: 'run' } });
    await server.patch(`${path}?force=true`, 'merge', { data: { x: 'y' } });
    await server.get(path);
  }),
  scenario('patch', 'JSON patch', async (server) => {
    const path = `${configMaps(server)}/a`;
    await server.post(configMaps(server), configMap('a', { data: { a: '1', b: '2', 'x/y~z': 's' } }));
    await server.patch(path, 'json', [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'replace', path: '/data/a', value: '9' },
    ]);
    await server.patch(path, 'json', [{ op: 'test', path: '/data/a', value: 'nope' }]);
    await server.patch(path, 'json', [{ op: 'remove', path: '/data/absent' }]);
    await server.patch(path, 'json', [{ op: 'replace', path: '/data/absent', value: '1' }]);
    await server.patch(path, 'json', [{ op: 'add', path: '/no/such/parent', value: '1' }]);
    await server.patch(path, 'json', [
      { op: 'copy', from: '/data/b', path: '/data/c' },
      { op: 'move', from: '/data/b', path: '/data/d' },
    ]);
    await server.patch(path, 'json', [{ op: 'remove', path: '/data/x~1y~0z' }]);
    await server.patch(path, 'json', [{ op: 'frobnicate', path: '/data' }]);
    await server.patch(path, 'json', { op: 'add' });
    await server.patch(path, 'json', '[');
    await server.patch(path, 'json', []);
    await server.patch(path, 'json', [{ op: 'add', path: '/metadata/labels', value: { k: 'v' } }]);
    await server.get(path);
  }),
  scenario('patch', 'a JSON patch of more than 10,000 operations is 413', async (server) => {
    await server.post(configMaps(server), configMap('a'), { unrecorded: true });
    const operations = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' }));
    await server.patch(`${configMaps(server)}/a`, 'json', operations);
  }),
  scenario('patch', 'custom resources refuse strategic merge', async (server) => {
    await server.installCrd(crd(server));
    await server.post(widgets(server), widget(server, 'a'));
    await server.patch(`${widgets(server)}/a`, 'strategic', { spec: { size: 2 } });
    await server.patch(`${widgets(server)}/a`, 'merge', { spec: { size: 'two' } });
    await server.patch(`${widgets(server)}/a`, 'merge', { spec: { bogus: 2 } });
    await server.patch(`${widgets(server)}/a?fieldValidation=Strict`, 'merge', { spec: { bogus: 2 } });
    await server.patch(`${widgets(server)}/a`, 'merge', { spec: null });
    await server.patch(`${widgets(server)}/a`, 'json', [{ op: 'add', path: '/spec', value: { size: 3 } }]);
  }),
];
