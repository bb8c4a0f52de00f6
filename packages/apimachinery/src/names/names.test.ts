import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../clock/index.ts';
import {
  cIdentifier,
  configMapKey,
  decimalInteger,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  environmentVariableName,
  generateName,
  labelValue,
  pathSegmentName,
  percent,
  portName,
  portNumber,
  qualifiedName,
  wildcardDns1123Subdomain,
} from './index.ts';

test('subdomains are refused in the words of the server', () => {
  expect(dns1123Subdomain('a.b-c.d9')).toEqual([]);
  expect(dns1123Subdomain('Not_a_Name')).toEqual([
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ]);
  expect(dns1123Subdomain('a'.repeat(254))).toEqual(['must be no more than 253 characters']);
});

test('labels are refused in the words of the server, dots by name', () => {
  expect(dns1123Label('a.b')).toEqual(['must not contain dots']);
  expect(dns1123Label('A')).toEqual([
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
  expect(dns1035Label('9a')).toHaveLength(1);
  expect(dns1035Label('a9')).toEqual([]);
  expect(wildcardDns1123Subdomain('*.example.com')).toEqual([]);
  expect(wildcardDns1123Subdomain('example.com')).toHaveLength(1);
});

test('keys of labels have an optional prefix', () => {
  expect(qualifiedName('example.com/My_Name.9')).toEqual([]);
  expect(qualifiedName('/x')).toEqual(['prefix part must be non-empty']);
  expect(qualifiedName('a/')).toEqual([
    'name part must be non-empty',
    expect.stringContaining("name part must consist of alphanumeric characters, '-', '_' or '.'"),
  ]);
  expect(qualifiedName('a/b/c')).toEqual([expect.stringContaining('a valid label key must consist')]);
  expect(qualifiedName('x'.repeat(64))).toEqual(['name part must be no more than 63 bytes']);
});

test('values of labels may be empty, not long', () => {
  expect(labelValue('')).toEqual([]);
  expect(labelValue('é')).toHaveLength(1);
  expect(labelValue('x'.repeat(64))).toEqual(['must be no more than 63 bytes']);
});

test('the small validators', () => {
  expect(portNumber(0)).toEqual(['must be between 1 and 65535, inclusive']);
  expect(portName('http-web')).toEqual([]);
  expect(portName('80')).toEqual(['must contain at least one letter (a-z)']);
  expect(percent('25%')).toEqual([]);
  expect(percent('25')).toHaveLength(1);
  expect(configMapKey('..a')).toEqual(["must not start with '..'"]);
  expect(environmentVariableName('A=B')).toHaveLength(1);
  expect(environmentVariableName('9 a')).toEqual([]);
  expect(pathSegmentName('system:a/b%c')).toEqual(["may not contain '/'", "may not contain '%'"]);
  expect(cIdentifier('a-b')).toHaveLength(1);
  expect(decimalInteger('-0')).toHaveLength(1);
  expect(decimalInteger('-10')).toEqual([]);
});

test('generated names are valid, keep the base, and cut it to 58 characters', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{1,80}$/), fc.integer(), (base, seed) => {
      const name = generateName(base, seededRandom(seed));
      expect(name.length).toBe(Math.min(base.length, 58) + 5);
      expect(name.startsWith(base.slice(0, 58))).toBe(true);
      expect(dns1123Label(name)).toEqual([]);
      expect(name.slice(-5)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    }),
  );
});
