import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/command.ts';
import { dockerLogins } from './logins.ts';

const never = new AbortController().signal;
const base64 = (text: string) => Buffer.from(text).toString('base64');

function home(config: object | string): { readonly HOME: string; readonly PATH: string } {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.docker'));
  writeFileSync(join(folder, '.docker/config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  return { HOME: folder, PATH: `${folder}:${process.env.PATH}` };
}

function helper(folder: string, name: string, script: string): void {
  const file = join(folder, `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

test('nobody is logged in where there is no file', async () => {
  expect(await dockerLogins({ HOME: temporaryFolder() })('reg.io', never)).toBe(undefined);
});

test('a login is found by the host, and that of Docker Hub by its old address', async () => {
  const auths = {
    'reg.io:5000': { auth: base64('me:pass:word') },
    'https://index.docker.io/v1/': { username: 'hub', password: 'p' },
    'token.io': { auth: base64('x:'), identitytoken: 'refresh' },
  };
  const logins = dockerLogins(home({ auths }));
  expect(await logins('reg.io:5000', never)).toEqual({ username: 'me', password: 'pass:word' });
  expect(await logins('docker.io', never)).toEqual({ username: 'hub', password: 'p' });
  expect(await logins('token.io', never)).toEqual({ identityToken: 'refresh' });
  expect(await logins('reg.io', never)).toBe(undefined);
});

test('REGISTRY_AUTH_FILE goes before', async () => {
  const own = join(temporaryFolder(), 'auth.json');
  writeFileSync(own, JSON.stringify({ auths: { 'reg.io': { auth: base64('mine:1') } } }));
  const environment = { ...home({ auths: { 'reg.io': { auth: base64('other:2') } } }), REGISTRY_AUTH_FILE: own };
  expect(await dockerLogins(environment)('reg.io', never)).toEqual({ username: 'mine', password: '1' });
});

test('a helper of the registry is asked before the one for all', async () => {
  const environment = home({ credsStore: 'all', credHelpers: { 'reg.io': 'one' } });
  helper(environment.HOME, 'one', 'read host; printf \'{"Username":"me","Secret":"for %s"}\' "$host"');
  helper(environment.HOME, 'all', 'echo credentials not found in native keychain; exit 1');
  const logins = dockerLogins(environment);
  expect(await logins('reg.io', never)).toEqual({ username: 'me', password: 'for reg.io' });
  expect(await logins('other.io', never)).toBe(undefined);
});

test('a helper that fails is named, and nothing of what it said is told', async () => {
  const environment = home({ credsStore: 'broken' });
  helper(environment.HOME, 'broken', 'echo s3cret; exit 1');
  const failed = dockerLogins(environment)('reg.io', never);
  await expect(failed).rejects.toThrow('docker-credential-broken failed for reg.io: run `docker login reg.io`');
  await expect(failed).rejects.not.toThrow('s3cret');
  await expect(dockerLogins(home({ credsStore: 'absent' }))('reg.io', never)).rejects.toThrow(
    'cannot run docker-credential-absent, which keeps your logins',
  );
});

test('a file that cannot be read is named without its contents', async () => {
  await expect(dockerLogins(home('{"auths": s3cret'))('reg.io', never)).rejects.toThrow(
    /config\.json cannot be read as JSON$/,
  );
  const auths = { 'reg.io': { auth: base64('nocolon') } };
  await expect(dockerLogins(home({ auths }))('reg.io', never)).rejects.toThrow('is not username:password in base64');
});
