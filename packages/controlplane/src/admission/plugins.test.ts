import { expect, test } from 'vitest';
import { createControlPlane } from '../control-plane.ts';
import { enabledPlugins } from './plugins.ts';

test('plugins run in the order of kube-apiserver, whatever order they are enabled in', () => {
  const names = enabledPlugins({ enable: ['AlwaysDeny', 'AlwaysPullImages'], disable: ['Priority'] });
  expect(names.at(0)).toBe('NamespaceLifecycle');
  expect(names.at(-1)).toBe('AlwaysDeny');
  expect(names.indexOf('AlwaysPullImages')).toBeLessThan(names.indexOf('DefaultTolerationSeconds'));
  expect(names).not.toContain('Priority');
});

test('a plugin that does not exist, is not implemented, or is enabled and disabled, is refused by name', () => {
  expect(() => enabledPlugins({ enable: ['Nonsense'] })).toThrow('there is no admission plugin Nonsense');
  expect(() => enabledPlugins({ enable: ['ImagePolicyWebhook'] })).toThrow('ImagePolicyWebhook is not implemented');
  // On by default there, and not here: whoever asks for it by name is told.
  expect(() => enabledPlugins({ enable: ['JobValidation'] })).toThrow('JobValidation is not implemented');
  expect(() => enabledPlugins({ enable: ['Priority'], disable: ['Priority'] })).toThrow('both enabled and disabled');
});

test('what is harmless may be enabled, though it does nothing', () => {
  expect(enabledPlugins({ enable: ['AlwaysAdmit', 'NodeRestriction'] })).toEqual(enabledPlugins());
});

async function post(plane: ReturnType<typeof createControlPlane>, path: string, body: object) {
  const response = await plane.handle({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
    signal: AbortSignal.timeout(10_000),
  });
  return { status: response.status, body: JSON.parse(Buffer.from(response.body as Uint8Array).toString('utf8')) };
}

const pod = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i:v1' }] } };
const pods = '/api/v1/namespaces/default/pods';

test('a pod waits for the account that its namespace is about to get, and mounts its token', async () => {
  await using plane = createControlPlane({ admissionPlugins: { enable: ['ServiceAccount'] } });
  const { status, body } = await post(plane, pods, pod);
  expect(status).toBe(201);
  expect(body.spec.serviceAccountName).toBe('default');
  expect(body.spec.containers[0].volumeMounts[0].mountPath).toBe('/var/run/secrets/kubernetes.io/serviceaccount');
  expect(body.spec.volumes[0].name).toBe(body.spec.containers[0].volumeMounts[0].name);
});

test('what is disabled does not act', async () => {
  const disable = ['DefaultTolerationSeconds', 'Priority'];
  await using plane = createControlPlane({
    controllers: [],
    admissionPlugins: { disable, enable: ['AlwaysPullImages'] },
  });
  const { body } = await post(plane, pods, pod);
  expect(body.spec.tolerations).toBeUndefined();
  expect(body.spec.priority).toBeUndefined();
  expect(body.spec.containers[0].imagePullPolicy).toBe('Always');
});
