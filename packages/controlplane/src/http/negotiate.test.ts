import { describe, expect, test } from 'vitest';
import { StatusError } from '../status/index.ts';
import { negotiateBody, negotiateObject, negotiateStatus, negotiateWatch } from './negotiate.ts';

const asking = (accept?: string, more: { url?: string; agent?: string } = {}) => ({
  url: more.url ?? '/api/v1/pods',
  headers: { accept, 'user-agent': more.agent ?? 'kubectl/v1.32' },
});
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';

describe('objects', () => {
  test.each<[string | undefined, string]>([
    [undefined, 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['application/yaml', 'yaml'],
    ['application/json;q=0.1,application/yaml', 'yaml'],
    ['application/vnd.kubernetes.protobuf,application/json', 'json'],
    ['application/vnd.kubernetes.protobuf;q=0.9, */*;q=0.1', 'json'],
    ['application/json;stream=watch', 'json'],
  ])('Accept %s is answered in %s', (accept, format) => {
    expect(negotiateObject(asking(accept))).toMatchObject({ format, contentType: `application/${format}` });
  });

  test('the first form that is served wins', () => {
    expect(
      negotiateObject(asking(`${table},application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json`)).convert,
    ).toEqual({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
    });
    expect(negotiateObject(asking('application/json;as=Foo;v=v1;g=meta.k8s.io,application/yaml')).format).toBe('yaml');
    expect(
      negotiateObject(asking('application/json;g=meta.k8s.io;v=v1beta1;as=PartialObjectMetadataList')).convert,
    ).toEqual({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1beta1',
    });
  });

  test.each([
    'application/foo',
    'application/vnd.kubernetes.protobuf',
    'application/json;as=Foo;v=v1;g=meta.k8s.io',
    'application/json;as=Table;v=v2;g=meta.k8s.io',
    'application/cbor',
  ])('Accept %s is refused with what there is', (accept) => {
    expect(() => negotiateObject(asking(accept))).toThrow(
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
  });

  test('the router of built-in kinds refuses in its own words what no answer could be', () => {
    expect(() => negotiateObject(asking('application/foo'), 'object')).toThrow(
      '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    );
    expect(() => negotiateWatch(asking('application/foo'), 'collection')).toThrow(
      'application/vnd.kubernetes.protobuf, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
    );
    expect(() => negotiateObject(asking('application/json;as=Foo;v=v1;g=meta.k8s.io'), 'object')).toThrow(
      'only the following',
    );
  });

  test('the query, the Accept header and the client decide about indenting', () => {
    expect(negotiateObject(asking(undefined)).pretty).toBe(false);
    expect(negotiateObject(asking(undefined, { agent: 'curl/8' })).pretty).toBe(true);
    expect(negotiateObject(asking(table, { agent: 'Mozilla/5.0 (X11)' })).pretty).toBe(true);
    expect(negotiateObject(asking(undefined, { agent: 'curl/8', url: '/x?pretty=0' })).pretty).toBe(false);
    expect(negotiateObject(asking(undefined, { url: '/x?a=b&pretty=true' })).pretty).toBe(true);
    expect(negotiateObject(asking('application/json;pretty=1')).pretty).toBe(true);
  });
});

test('a watch is JSON lines, whoever asks', () => {
  expect(negotiateWatch(asking(table, { agent: 'curl/8' }))).toMatchObject({
    pretty: false,
    convert: { kind: 'Table' },
  });
  expect(() => negotiateWatch(asking('application/yaml'))).toThrow(
    'only the following media types are accepted: application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch',
  );
});

test('a Status is never converted: without a plain form in the Accept header it is indented JSON', () => {
  expect(negotiateStatus(asking(table))).toEqual({ format: 'json', pretty: true, contentType: 'application/json' });
  expect(negotiateStatus(asking(`${table},application/json`)).pretty).toBe(false);
  expect(negotiateStatus(asking('application/yaml')).format).toBe('yaml');
  expect(negotiateStatus(asking('application/foo')).format).toBe('json');
});

test('bodies are JSON, YAML or, but for custom resources, protobuf; anything else is refused', () => {
  expect(negotiateBody(undefined)).toBe('json');
  expect(negotiateBody('Application/JSON; charset=utf-8')).toBe('json');
  expect(negotiateBody('application/yaml')).toBe('yaml');
  expect(negotiateBody('application/vnd.kubernetes.protobuf')).toBe('protobuf');
  const code = (type: string) => {
    try {
      return negotiateBody(type, true);
    } catch (error) {
      return error instanceof StatusError ? `${error.code} ${error.message}` : error;
    }
  };
  expect(code('application/vnd.kubernetes.protobuf')).toBe(
    '415 the body of the request was in an unknown format - accepted media types include: application/json, application/yaml',
  );
  expect(code('application/cbor')).toBe(
    '415 the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
});
