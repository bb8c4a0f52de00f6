import { gzipSync } from 'node:zlib';
import { createControlPlane } from '@setpoint/controlplane';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const json = 'application/json';
const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const yaml = 'application/yaml';
const configMaps = '/api/v1/namespaces/default/configmaps';
const anys = '/apis/limits.dev/v1/namespaces/default/anys';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const megabyte = 1024 * 1024;

const controlPlane = createControlPlane({ controllers: [] });
const administrator = { name: 'admin', groups: ['system:masters'] };

async function send(method: string, url: string, body: string | Buffer = '', type = json) {
  const headers = { 'content-type': type };
  const { signal } = new AbortController();
  const request = { method, url, headers, body: Buffer.from(body as string), signal, user: administrator };
  const answer = await controlPlane.handle(request);
  const text = Buffer.from(answer.body as Uint8Array).toString();
  return { status: answer.status, text, warnings: answer.headers.warning ?? [] };
}

const deep = (open: string, close: string, depth = 10_000) => `${open.repeat(depth)}1${close.repeat(depth)}`;
const objects = deep('{"a":', '}');
const lists = deep('[', ']');
const configMap = (more: string) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}${more}}`;
const any = (spec: string) => `{"apiVersion":"limits.dev/v1","kind":"Any","metadata":{"name":"a"},"spec":${spec}}`;

function definition(schema: string): string {
  const names = '"group":"limits.dev","scope":"Namespaced","names":{"plural":"anys","kind":"Any"}';
  const version = `{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":${schema}}}`;
  const spec = `{${names},"versions":[${version}]}`;
  return `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"anys.limits.dev"},"spec":${spec}}`;
}

beforeAll(async () => {
  const text = '{"type":"string","pattern":"^(a+)+$"}';
  const spec = `{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"text":${text}}}`;
  const schema = `{"type":"object","properties":{"spec":${spec}}}`;
  expect((await send('POST', definitions, definition(schema))).status).toBe(201);
  expect((await send('POST', `${anys}`, any('{"list":["x"]}').replace('"a"', '"seed"'))).status).toBe(201);
  expect((await send('POST', configMaps, configMap(',"data":{"a":"b"}').replace('"a"', '"seed"'))).status).toBe(201);
});
afterAll(() => controlPlane.close());

describe('what nests ten thousand levels is refused', () => {
  test.each([
    ['a list as JSON', 'POST', configMaps, lists, json],
    ['an unknown field', 'POST', configMaps, configMap(`,"x":${objects}`), json],
    ['a custom resource', 'POST', anys, any(objects), json],
    ['flow sequences of YAML', 'POST', configMaps, lists, yaml],
    ['flow mappings of YAML', 'POST', configMaps, deep('{a: ', '}'), yaml],
    ['block sequences of YAML', 'POST', configMaps, `${'- '.repeat(10_000)}a`, yaml],
    ['an apply', 'PATCH', `${configMaps}/b?fieldManager=m`, deep('{a: ', '}'), 'application/apply-patch+yaml'],
    ['a merge patch', 'PATCH', `${anys}/seed`, `{"spec":${objects}}`, mergePatch],
    ['a strategic patch', 'PATCH', `${configMaps}/seed`, objects, 'application/strategic-merge-patch+json'],
    ['a JSON patch', 'PATCH', `${anys}/seed`, `[{"op":"add","path":"/spec/q","value":${objects}}]`, jsonPatch],
    ['a schema', 'POST', definitions, definition(`${deep('{"properties":{"a":', '}}')}`), json],
    ['a label selector', 'GET', `${configMaps}?labelSelector=a+in+${'('.repeat(10_000)}`, '', json],
  ])('%s', async (_, method, path, body, type) => {
    const { status, text } = await send(method, path, body, type);
    expect(status).toBe(400);
    expect(text).not.toContain('call stack');
  });

  test('a path of a JSON patch leads nowhere', async () => {
    const patch = `[{"op":"add","path":"/spec${'/a'.repeat(10_000)}","value":1}]`;
    expect((await send('PATCH', `${anys}/seed`, patch, jsonPatch)).status).toBe(422);
  });
});

describe('what is large', () => {
  const padded = (length: number) => {
    const empty = configMap(',"data":{"a":""}');
    return empty.replace('""', `"${'x'.repeat(length - empty.length)}"`);
  };

  test('a body of 3 MiB is read, and one byte more is not', async () => {
    // Read, and then too long for a ConfigMap.
    expect((await send('POST', configMaps, padded(3 * megabyte))).status).toBe(422);
    expect((await send('POST', configMaps, padded(3 * megabyte + 1))).status).toBe(413);
  });

  test('a list of a million numbers and an object of 50,000 keys are kept', async () => {
    const list = `{"list":[${Array(1_000_000).fill('1').join(',')}]}`;
    expect((await send('POST', `${anys}?dryRun=All`, any(list))).status).toBe(201);
    const keys = Array.from({ length: 50_000 }, (_, i) => `"k${i}":1`).join(',');
    expect((await send('POST', `${anys}?dryRun=All`, any(`{${keys}}`))).status).toBe(201);
  });

  test('so many unknown fields do not make headers that no client takes', async () => {
    const unknown = Array.from({ length: 100_000 }, (_, i) => `"k${i}":""`).join(',');
    const { status, warnings } = await send('POST', `${configMaps}?dryRun=All`, configMap(`,${unknown}`));
    expect(status).toBe(201);
    expect([warnings].flat().join('').length).toBeLessThan(10_000);
  });

  test('a JSON patch has at most ten thousand operations', async () => {
    const operations = (count: number) =>
      JSON.stringify(Array.from({ length: count }, (_, i) => ({ op: 'add', path: `/data/k${i}`, value: 'v' })));
    const path = `${configMaps}/seed?dryRun=All`;
    expect((await send('PATCH', path, operations(10_000), jsonPatch)).status).toBe(200);
    expect((await send('PATCH', path, operations(10_001), jsonPatch)).status).toBe(413);
  });

  test('copies that double what is there come to an end', async () => {
    const copy = { op: 'copy', from: '/spec/list', path: '/spec/list/-' };
    const bomb = JSON.stringify(Array.from({ length: 60 }, () => copy));
    expect((await send('PATCH', `${anys}/seed?dryRun=All`, bomb, jsonPatch)).status).toBe(422);
  });

  test('aliases of YAML that multiply are refused', async () => {
    const line = (name: string, of: string) => `${name}: &${name} [${Array(9).fill(of).join(',')}]\n`;
    const bomb = [...'bcdefghij'].map((name, i) => line(name, `*${'abcdefghij'[i]}`)).join('');
    const { status, text } = await send('POST', configMaps, line('a', 'lol') + bomb, yaml);
    expect(status).toBe(400);
    expect(text).toContain('document contains excessive aliasing');
  });

  test('a compressed body is no JSON', async () => {
    expect((await send('POST', configMaps, gzipSync(configMap('')))).status).toBe(400);
  });
});

describe('patterns that other engines never end with', () => {
  test('are matched in linear time', async () => {
    const text = `{"text":"${'a'.repeat(100_000)}!"}`;
    expect((await send('POST', `${anys}?dryRun=All`, any(text))).status).toBe(422);
  });

  test.each([
    ['nested too deep', `${'('.repeat(5000)}a${')+'.repeat(5000)}`],
    ['repeated too often', '((a{1,100}){1,100}){1,100}'],
  ])('are refused when %s', async (_, pattern) => {
    const schema = `{"type":"object","properties":{"p":{"type":"string","pattern":"${pattern}"}}}`;
    const { status, text } = await send('POST', `${definitions}?dryRun=All`, definition(schema));
    expect(status).toBe(422);
    expect(text).toContain('pattern');
  });
});
