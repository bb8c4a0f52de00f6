import { systemClock } from '@setpoint/apimachinery/clock';
import { expect, onTestFinished, test } from 'vitest';
import { parseChallenges } from './authorization.ts';
import { blobOf, mediaTypes, readAll } from './content.ts';
import type { Login } from './logins.ts';
import { openRegistries } from './registries.ts';
import type { Repository } from './repository.ts';
import { type FakeRegistry, type FakeRegistryOptions, fakeRegistry } from './testing/fake-registry.ts';

/** No test waits for a registry to get better. */
const hasty = { ...systemClock, timer: (_: number, callback: () => void) => systemClock.timer(0, callback) };
const layer = blobOf(mediaTypes.layer, Buffer.from('a layer'));
const { digest } = layer.descriptor;

async function registry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const made = await fakeRegistry(options);
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

function repository({ host }: FakeRegistry, name = 'team/app', login?: Login): Repository {
  const { signal } = new AbortController();
  const registries = openRegistries({ signal, clock: hasty, logins: async () => login });
  onTestFinished(() => registries[Symbol.dispose]());
  return registries.repository({ registry: host, repository: name }, 'pull,push');
}

/** Without the question whether it speaks TLS. */
function asked({ requests }: FakeRegistry): string[] {
  return requests.filter((request) => request !== 'GET /v2/');
}

test('a blob is sent once, and found to be there the next time', async () => {
  const fake = await registry();
  expect(await repository(fake).pushBlob(layer)).toBe('sent');
  expect(await repository(fake).pushBlob(layer)).toBe('present');
  expect(asked(fake)).toEqual([
    `HEAD /v2/team/app/blobs/${digest}`,
    'POST /v2/team/app/blobs/uploads/',
    'PATCH /v2/team/app/blobs/uploads/u0?state=1',
    `PUT /v2/team/app/blobs/uploads/u0?state=2&digest=${encodeURIComponent(digest)}`,
    `HEAD /v2/team/app/blobs/${digest}`,
  ]);
});

test('a blob of another repository of the same registry is taken over without being read', async () => {
  const fake = await registry();
  await repository(fake, 'base/node').pushBlob(layer);
  const unread = {
    ...layer,
    origin: { registry: fake.host, repository: 'base/node' },
    open: () => {
      throw new Error('read');
    },
  };
  expect(await repository(fake).pushBlob(unread)).toBe('mounted');
  expect(fake.blobs.get(`team/app@${digest}`)?.toString()).toBe('a layer');
});

test('what was pushed is pulled again, and checked', async () => {
  const fake = await registry();
  const app = repository(fake);
  await app.pushBlob(layer);
  const manifest = blobOf(mediaTypes.manifest, Buffer.from('{"layers":[]}'));
  await app.pushManifest(manifest, 'v1');
  expect(await app.resolve('v1')).toEqual(manifest.descriptor);
  expect((await readAll(app.blob(layer.descriptor).open())).toString()).toBe('a layer');

  fake.blobs.set(`team/app@${digest}`, Buffer.from('a liar'));
  await expect(readAll(app.blob(layer.descriptor).open())).rejects.toThrow('should have 7 bytes and has 6');
  fake.blobs.set(`team/app@${digest}`, Buffer.from('a loyar'));
  await expect(readAll(app.blob(layer.descriptor).open())).rejects.toThrow(`should have the digest ${digest}`);
  const stored = fake.manifests.get('team/app:v1');
  if (stored) fake.manifests.set(`team/app@${manifest.descriptor.digest}`, { ...stored, bytes: Buffer.from('{}') });
  await expect(app.manifest(manifest.descriptor)).rejects.toThrow('has another digest');
});

test('an image that is not there is named, with what the registry says', async () => {
  const fake = await registry();
  await expect(repository(fake).resolve('v1')).rejects.toThrow(
    `cannot pull from ${fake.host}/team/app, v1: ${fake.host} answers 404: MANIFEST_UNKNOWN: manifest unknown`,
  );
});

test.each(['basic', 'bearer'] as const)('one logs in by %s where a registry asks for it', async (scheme) => {
  const login = { username: 'me', password: 's3cret' };
  const fake = await registry({ login: { scheme, ...login } });
  expect(await repository(fake, 'team/app', login).pushBlob(layer)).toBe('sent');
  if (scheme === 'bearer') {
    expect(fake.requests).toContain(
      `GET /token?service=fake&scope=${encodeURIComponent('repository:team/app:pull,push')}`,
    );
    expect(fake.authorizations.at(-1)).toBe('Bearer token-for-repository:team/app:pull,push');
  }
});

test('to take a blob over, the token is for both repositories', async () => {
  const login = { username: 'me', password: 's3cret' };
  const fake = await registry({ login: { scheme: 'bearer', ...login } });
  const blob = { ...layer, origin: { registry: fake.host, repository: 'base/node' } };
  await repository(fake, 'team/app', login).pushBlob(blob);
  expect(fake.authorizations.at(-1)).toBe('Bearer token-for-repository:team/app:pull,push+repository:base/node:pull');
});

test.each([
  ['basic', undefined, 'wants to know who you are: run `docker login'],
  ['bearer', undefined, 'gives nothing to strangers (401): run `docker login'],
  ['bearer', { username: 'me', password: 'wr0ng' }, 'refuses your login (401): run `docker login'],
  ['basic', { username: 'me', password: 'wr0ng' }, 'UNAUTHORIZED: authentication required'],
] as const)('a login by %s that does not do is told without itself', async (scheme, login, message) => {
  const fake = await registry({ login: { scheme, username: 'me', password: 's3cret' } });
  const failed = repository(fake, 'team/app', login).pushBlob(layer);
  await expect(failed).rejects.toThrow(message);
  await expect(failed).rejects.not.toThrow('wr0ng');
});

test('a push that is refused is told in the words of the registry', async () => {
  const fake = await registry({
    intercept: ({ method }, response) => {
      if (method !== 'POST') return false;
      response.writeHead(403).end('{"errors":[{"code":"DENIED","message":"the repository is read-only"}]}');
      return true;
    },
  });
  await expect(repository(fake).pushBlob(layer)).rejects.toThrow(
    `cannot push to ${fake.host}/team/app: ${fake.host} answers 403: DENIED: the repository is read-only`,
  );
});

test('a push is refused without being read to its end', async () => {
  let seen = 0;
  const huge = {
    descriptor: { ...layer.descriptor, size: 64_000_000 },
    async *open() {
      for (; seen < 1000; seen++) yield Buffer.alloc(64_000);
    },
  };
  const fake = await registry({
    intercept: ({ method }, response) => {
      if (method !== 'PATCH') return false;
      response.writeHead(413, { connection: 'close' }).end('{"errors":[{"code":"SIZE_INVALID","message":"too much"}]}');
      return true;
    },
  });
  await expect(repository(fake).pushBlob(huge)).rejects.toThrow('answers 413: SIZE_INVALID: too much');
  expect(seen).toBeLessThan(1000);
});

test('what fails for a moment is tried again, from the start', async () => {
  const faults = ['PATCH', 'PUT', 'HEAD'];
  const fake = await registry({
    intercept: ({ method }, response) => {
      if (method !== faults[0]) return false;
      faults.shift();
      if (method === 'PUT') response.destroy();
      else response.writeHead(503, { 'retry-after': '1' }).end('busy');
      return true;
    },
  });
  expect(await repository(fake).pushBlob(layer)).toBe('sent');
  expect(fake.blobs.size).toBe(1);
  expect(asked(fake).filter((request) => request.startsWith('POST'))).toHaveLength(3);
});

test('what goes on failing is given up', async () => {
  const fake = await registry({
    intercept: ({ url }, response) => {
      if (url === '/v2/') return false;
      response.writeHead(502).end('<html>');
      return true;
    },
  });
  await expect(repository(fake).resolve('v1')).rejects.toThrow(
    `cannot pull from ${fake.host}/team/app: ${fake.host} answers 502`,
  );
  expect(asked(fake)).toHaveLength(4);
});

test('a login does not follow to another host', async () => {
  const store = await registry();
  store.blobs.set(`team/app@${digest}`, Buffer.from('a layer'));
  const login = { username: 'me', password: 's3cret' };
  const fake = await registry({ login: { scheme: 'basic', ...login }, blobsAt: () => `http://${store.host}` });
  const blob = repository(fake, 'team/app', login).blob(layer.descriptor);
  expect((await readAll(blob.open())).toString()).toBe('a layer');
  expect(fake.authorizations.at(-1)).toMatch(/^Basic /);
  expect(store.authorizations).toEqual([undefined]);
});

test('nor does it to where an upload is sent', async () => {
  const store = await registry();
  const login = { username: 'me', password: 's3cret' };
  const fake = await registry({
    login: { scheme: 'basic', ...login },
    intercept: ({ method, headers }, response) => {
      if (method !== 'POST' || !headers.authorization) return false;
      response.writeHead(202, { location: `http://${store.host}/v2/team/app/blobs/uploads/u0` }).end();
      return true;
    },
  });
  expect(await repository(fake, 'team/app', login).pushBlob(layer)).toBe('sent');
  expect(store.authorizations).toEqual([undefined, undefined]);
});

test('redirects have an end', async () => {
  const fake = await registry({
    intercept: ({ url }, response) => {
      if (url === '/v2/') return false;
      response.writeHead(307, { location: url ?? '/' }).end();
      return true;
    },
  });
  await expect(repository(fake).resolve('v1')).rejects.toThrow('redirects without an end');
});

test('a registry that is not there is named', async () => {
  const gone = await fakeRegistry();
  await gone[Symbol.asyncDispose]();
  await expect(repository(gone).resolve('v1')).rejects.toThrow(
    `cannot pull from ${gone.host}/team/app: cannot reach ${gone.host}: connect ECONNREFUSED`,
  );
});

test.each([
  ['Basic realm="x"', [{ scheme: 'basic', parameters: { realm: 'x' } }]],
  [
    'Bearer realm="https://a/token",service=b, scope="repository:a:pull,push"',
    [{ scheme: 'bearer', parameters: { realm: 'https://a/token', service: 'b', scope: 'repository:a:pull,push' } }],
  ],
  [
    'Negotiate, Basic realm="a \\"b\\"", Bearer realm="c"',
    [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'a "b"' } },
      { scheme: 'bearer', parameters: { realm: 'c' } },
    ],
  ],
])('the challenge %s is understood', (header, challenges) => {
  expect(parseChallenges(header)).toEqual(challenges);
});
