import { expect, test } from 'vitest';
import { scaffolded } from '../../test/scaffolded.ts';
import { loadProjectConfig } from '../deployment/index.ts';

test('what a deployment is set to stands in setpoint.config.ts, and a second time nothing is changed', async () => {
  const project = await scaffolded();
  const line = 'edit --watch-namespaces a,b --replicas 2 --service-monitor --image registry.example.com/x:1';
  expect(await project.runs(line)).toBe(
    'setpoint.config.ts changed\nsetpoint manifests brings config/ and dist/ up to date\n',
  );
  expect(await loadProjectConfig(project.folder)).toEqual({
    deployment: {
      image: 'registry.example.com/x:1',
      replicas: 2,
      watchNamespaces: ['a', 'b'],
      serviceMonitor: true,
    },
  });
  const before = project.files();
  expect(await project.runs(line)).toContain('setpoint.config.ts unchanged\n');
  expect(project.files()).toEqual(before);
});

test.each([
  ['--namespaced', "watchNamespaces: ['demo-system']"],
  ['--namespaced --namespace here', "watchNamespaces: ['here']"],
  ['--all-namespaces --no-network-policy', 'watchNamespaces: [],\n    networkPolicy: false'],
])('%s', async (flags, text) => {
  const project = await scaffolded();
  await project.runs(`edit ${flags}`);
  expect(project.read('setpoint.config.ts')).toContain(text);
});

test('the domain and the licence stand in package.json, whose format stays', async () => {
  const project = await scaffolded();
  const text = project.read('package.json').replace('{\n    "domain": "my.domain"\n  }', '{ "domain" : "my.domain" }');
  project.write('package.json', text);
  await project.runs('edit --domain other.domain --license apache2 --owner Somebody');
  expect(project.read('package.json')).toBe(
    text.replace(
      '{ "domain" : "my.domain" }',
      '{ "domain" : "other.domain", "license": "apache2", "owner": "Somebody" }',
    ),
  );
  await project.runs('create api --group tutorial --version v1 --kind Foo');
  expect(project.read('src/api/v1/foo.ts')).toMatch(/^\/\/ Copyright Somebody\n[\s\S]*group: 'tutorial.other.domain'/);
});

test('a person keeps the form of the settings, or is told what to add', async () => {
  const project = await scaffolded();
  project.write('setpoint.config.ts', 'export default {\r\n\tdeployment: { image: "a:1" }, // mine\r\n}\r\n');
  await project.runs('edit --replicas 3 --namespace here');
  expect(project.read('setpoint.config.ts')).toBe(
    'export default {\r\n\tdeployment: { image: "a:1", namespace: "here", replicas: 3 }, // mine\r\n}\r\n',
  );
  project.write('setpoint.config.ts', 'const mine = {};\nexport default mine;\n');
  expect(await project.runs('edit --replicas 3')).toContain(
    'Add this to it:\n\n  deployment: {\n    replicas: 3,\n  },\n',
  );
});

test.each([
  ['', 2, 'say what to change: setpoint edit --help lists the settings'],
  ['--replicas many', 2, '--replicas is a whole number, not "many"'],
  ['--image no:such:image', 2, 'use registry/repository:tag'],
  ['--namespace A', 2, 'use at most 63 lower-case letters'],
  ['--watch-namespaces a,B', 2, '--watch-namespaces: "B" is no name of a namespace'],
  ['--namespaced --all-namespaces', 2, 'exclude each other'],
  ['--domain k8s.io', 2, '--domain cannot be k8s.io'],
])('refuses %j in a sentence and writes nothing', async (flags, code, message) => {
  const project = await scaffolded();
  const before = project.files();
  const result = await project.run('edit', ...flags.split(' ').filter(Boolean));
  expect(result.err).toMatch(/^setpoint: [^\n]+\n$/);
  expect(result.err).toContain(message);
  expect(result.code).toBe(code);
  expect(project.files()).toEqual(before);
});

test('kinds of several groups need no setting', async () => {
  expect(await (await scaffolded()).runs('edit --multigroup')).toContain('there is nothing to set\n');
});
