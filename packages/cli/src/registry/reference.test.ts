import { expect, test } from 'vitest';
import { formatReference, parseReference } from './reference.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

test.each([
  ['foo', 'docker.io/library/foo:latest'],
  ['foo:1.2', 'docker.io/library/foo:1.2'],
  ['team/foo', 'docker.io/team/foo:latest'],
  ['index.docker.io/foo', 'docker.io/library/foo:latest'],
  ['localhost/foo:1', 'localhost/foo:1'],
  ['localhost:5000/foo', 'localhost:5000/foo:latest'],
  ['[::1]:5000/a/b:c', '[::1]:5000/a/b:c'],
  ['gcr.io/distroless/nodejs24-debian12:nonroot', 'gcr.io/distroless/nodejs24-debian12:nonroot'],
  ['registry.example.com/a/b_c/d--e.f:v1_2', 'registry.example.com/a/b_c/d--e.f:v1_2'],
  [`foo@${digest}`, `docker.io/library/foo@${digest}`],
  [`foo:1@${digest}`, `docker.io/library/foo:1@${digest}`],
])('%s means %s', (text, full) => {
  expect(formatReference(parseReference(text))).toBe(full);
});

test.each([
  ['', 'a repository is lower-case'],
  ['Foo', 'a repository is lower-case'],
  ['foo bar', 'a repository is lower-case'],
  ['a//b', 'a repository is lower-case'],
  ['reg.io/', 'a repository is lower-case'],
  ['foo:', 'a tag is at most 128'],
  ['foo:a b', 'a tag is at most 128'],
  [`foo:${'a'.repeat(129)}`, 'a tag is at most 128'],
  ['foo@sha256:ab', 'a digest is sha256:'],
  ['reg!.io/foo', 'is not the name of a host'],
  ['https://reg.io/foo', 'is not valid'],
])('%j is refused', (text, why) => {
  expect(() => parseReference(text)).toThrow(why);
});
