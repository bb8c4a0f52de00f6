import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.ts';
import { proxyFromEnvironment } from './proxy-environment.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'setpoint-kubeconfig-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, content: string): Promise<string> {
  const full = path.join(folder, name);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, content);
  return full;
}

const simple = (more = '', user = 'token: abc') => `
apiVersion: v1
kind: Config
current-context: dev
clusters:
- name: c
  cluster: {server: "https://127.0.0.1:6443"${more}}
users:
- name: u
  user: {${user}}
contexts:
- name: dev
  context: {cluster: c, user: u, namespace: team}
- name: lost
  context: {cluster: nowhere, user: u}
- name: nobody
  context: {cluster: c, user: nobody}
`;

const outside = { env: {}, home: '/nonexistent' };

async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );
}

describe('a kubeconfig', () => {
  it('gives server, namespace, token and where they come from', async () => {
    const kubeconfig = await file('simple', simple(', tls-server-name: api.test, proxy-url: "http://proxy:3128"'));
    expect(await loadConfig({ ...outside, kubeconfig })).toMatchObject({
      server: 'https://127.0.0.1:6443',
      namespace: 'team',
      auth: { type: 'token', token: 'abc' },
      tls: { serverName: 'api.test' },
      proxyUrl: 'http://proxy:3128',
      source: `context dev of ${kubeconfig}`,
    });
  });

  it('resolves its paths from its own folder', async () => {
    await file('paths/pki/ca.crt', 'CA');
    await file('paths/pki/me.crt', 'CERT');
    await file('paths/pki/me.key', 'KEY');
    const kubeconfig = await file(
      'paths/config',
      simple(
        ', certificate-authority: pki/ca.crt',
        'client-certificate: pki/me.crt, client-key: pki/me.key, tokenFile: token',
      ),
    );
    const config = await loadConfig({ ...outside, kubeconfig });
    expect(String(config.tls?.ca)).toBe('CA');
    expect(String(config.tls?.cert)).toBe('CERT');
    expect(config.auth).toEqual({ type: 'tokenFile', path: path.join(folder, 'paths/token') });
  });

  it('prefers certificates in the file to files beside it', async () => {
    const data = Buffer.from('INLINE').toString('base64');
    const kubeconfig = await file(
      'inline',
      simple(`, certificate-authority-data: ${data}, certificate-authority: missing`),
    );
    expect(String((await loadConfig({ ...outside, kubeconfig })).tls?.ca)).toBe('INLINE');
  });

  it('of a KUBECONFIG list is merged, the first to name a thing winning, missing files passed over', async () => {
    const first = await file('first', 'contexts: [{name: dev, context: {cluster: c, user: u, namespace: mine}}]');
    const second = await file('second', simple());
    const env = { KUBECONFIG: [first, path.join(folder, 'missing'), second].join(path.delimiter) };
    expect(await loadConfig({ ...outside, env })).toMatchObject({
      namespace: 'mine',
      server: 'https://127.0.0.1:6443',
    });
  });

  it('reads exec credentials with their environment, relative command and cluster extension', async () => {
    const kubeconfig = await file(
      'exec/config',
      simple(
        ', extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: x}}]',
        `exec: {apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [a], env: [{name: A, value: b}], interactiveMode: Never, provideClusterInfo: true}`,
      ),
    );
    expect((await loadConfig({ ...outside, kubeconfig })).auth).toMatchObject({
      command: path.join(folder, 'exec/bin/login'),
      args: ['a'],
      env: { A: 'b' },
      clusterConfig: { audience: 'x' },
      provideClusterInfo: true,
    });
  });

  it('reads impersonation', async () => {
    const kubeconfig = await file(
      'as',
      simple('', 'token: t, as: jane, as-uid: "7", as-groups: [a, b], as-user-extra: {k: [v]}'),
    );
    expect((await loadConfig({ ...outside, kubeconfig })).impersonate).toEqual({
      user: 'jane',
      uid: '7',
      groups: ['a', 'b'],
      extra: { k: ['v'] },
    });
  });

  it.each([
    ['NoContext', 'clusters: []', undefined, /has no current-context: name one of its contexts \(it has none\)$/],
    ['UnknownContext', simple(), 'prod', /has no context prod \(it has dev, lost, nobody\)$/],
    ['UnknownCluster', simple(), 'lost', /context lost of .* names the cluster "nowhere", which is not there$/],
    ['UnknownUser', simple(), 'nobody', /context nobody of .* names the user "nobody", which is not there$/],
    ['InvalidConfiguration', 'kind: Pod', undefined, /its kind is Pod, not Config$/],
    ['InvalidConfiguration', 'a: [secret', undefined, /it is not valid YAML \(\w+\)$/],
    ['InvalidConfiguration', simple().replace('https://', 'ftp://'), undefined, /no http or https URL/],
    [
      'InvalidConfiguration',
      simple('', 'client-certificate-data: YQ=='),
      undefined,
      /half of a client certificate: its key is missing$/,
    ],
    ['FileMissing', simple(', certificate-authority: gone.crt'), undefined, /cannot read the CA .*gone\.crt$/],
    ['InvalidConfiguration', simple('', 'exec: {command: x}'), undefined, /has the apiVersion "", not one of/],
    [
      'InvalidConfiguration',
      simple('', 'auth-provider: {name: gcp}'),
      undefined,
      /auth-provider gcp, which Kubernetes has removed/,
    ],
  ])('that is wrong is refused in one sentence: %s', async (code, content, context, message) => {
    const kubeconfig = await file(`wrong-${code}`, content);
    const error = await failure(loadConfig({ ...outside, kubeconfig, context }));
    expect(error).toMatchObject({ name: 'ConfigError', code });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });
});

describe('the lookup', () => {
  it('says what is missing when nothing is configured', async () => {
    const error = await failure(loadConfig(outside));
    expect(error.message).toBe(
      'no cluster is configured: KUBECONFIG is not set, this is not a Pod, and /nonexistent/.kube/config does not exist',
    );
  });

  it('says which file is missing when one is named', async () => {
    const error = await failure(loadConfig({ ...outside, kubeconfig: '/nonexistent/config' }));
    expect(error).toMatchObject({ code: 'FileMissing', message: 'the kubeconfig /nonexistent/config does not exist' });
  });

  it('finds the service account of a Pod before ~/.kube/config, and KUBECONFIG before both', async () => {
    await file('sa/token', 'abc');
    await file('sa/ca.crt', 'CA');
    await file('sa/namespace', 'system\n');
    await file('home/.kube/config', simple());
    const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const options = { home: path.join(folder, 'home'), serviceAccountFolder: path.join(folder, 'sa') };
    const inPod = await loadConfig({ ...options, env: pod });
    expect(inPod).toMatchObject({
      server: 'https://[fd00::1]:443',
      namespace: 'system',
      auth: { type: 'tokenFile', path: path.join(folder, 'sa/token') },
    });
    expect(String(inPod.tls?.ca)).toBe('CA');
    const named = await file('named', simple());
    expect((await loadConfig({ ...options, env: { ...pod, KUBECONFIG: named } })).source).toContain('named');
    expect((await loadConfig({ ...options, env: {} })).source).toContain('.kube');
  });
});

describe('the proxy of the environment', () => {
  const env = { HTTPS_PROXY: 'proxy:3128' };
  it.each([
    ['https://10.0.0.1:6443', '', 'http://proxy:3128'],
    ['https://10.0.0.1:6443', '10.0.0.0/8', undefined],
    ['https://11.0.0.1:6443', '10.0.0.0/8', 'http://proxy:3128'],
    ['https://api.example.com', 'example.com', undefined],
    ['https://api.example.com', '.example.com', undefined],
    ['https://example.com', '.example.com', 'http://proxy:3128'],
    ['https://badexample.com', 'example.com', 'http://proxy:3128'],
    ['https://api.test:6443', 'api.test:443', 'http://proxy:3128'],
    ['https://api.test:6443', 'api.test:6443', undefined],
    ['https://api.test', '*', undefined],
    ['https://localhost:6443', '', undefined],
    ['https://127.0.0.1:6443', '', undefined],
    ['http://api.test', '', undefined],
  ])('for %s with NO_PROXY=%s is %s', (server, noProxy, expected) => {
    expect(proxyFromEnvironment(server, { ...env, NO_PROXY: noProxy })).toBe(expected);
  });
});
