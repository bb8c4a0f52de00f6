import type { KubeObject } from '@setpoint/apimachinery/meta';
import { generateName } from '@setpoint/apimachinery/names';
import type { MutableObject } from '../registry/index.ts';
import type { AdmissionAttributes } from '../verbs/index.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { isPod, podSpec } from './pod-plugins.ts';
import { refused } from './refusal.ts';

interface ServiceAccount extends KubeObject {
  readonly automountServiceAccountToken?: boolean;
  readonly imagePullSecrets?: readonly { readonly name: string }[];
}

const accounts = '/serviceaccounts';
const volumePrefix = 'kube-api-access-';
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
/** How long a pod waits for the account that every namespace gets a moment after it was made. */
const patience = 1500;

/** Every pod runs as a service account that is there, and finds the token of that account in a volume. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  handles: (subject) => isPod(subject) && subject.operation === 'CREATE',
  admit(attributes) {
    const spec = podSpec(attributes);
    if (!spec) return undefined;
    const isMirror = attributes.object?.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
    if (isMirror) return refuseMirror(attributes, spec);
    spec.serviceAccountName ||= 'default';
    spec.serviceAccount = spec.serviceAccountName;
    const account = find(attributes, spec.serviceAccountName);
    if (account) return complete(attributes, spec, account);
    if (spec.serviceAccountName !== 'default') throw missing(attributes, spec.serviceAccountName);
    return appears(attributes, 'default').then((found) => {
      if (!found) throw missing(attributes, 'default');
      complete(attributes, spec, found);
    });
  },
};

/** What a kubelet has made of a file runs as nobody. */
function refuseMirror(attributes: AdmissionAttributes, spec: MutableObject['spec']): undefined {
  if (spec.serviceAccountName) throw refused(attributes, 'a mirror pod may not reference service accounts');
  return undefined;
}

function find({ backend, namespace }: AdmissionAttributes, name: string): ServiceAccount | undefined {
  return backend.store.collection(accounts).get(`${namespace}/${name}`)?.object as ServiceAccount | undefined;
}

function missing(attributes: AdmissionAttributes, name: string): Error {
  const which = `${attributes.namespace}/${name}`;
  return refused(
    attributes,
    `error looking up service account ${which}: serviceaccount ${JSON.stringify(name)} not found`,
  );
}

async function appears(attributes: AdmissionAttributes, name: string): Promise<ServiceAccount | undefined> {
  const { backend, namespace, signal } = attributes;
  await new Promise<void>((resolve) => {
    const done = () => {
      timer.cancel();
      stop();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = backend.clock.timer(patience, done);
    const stop = backend.store.collection(accounts).subscribe(namespace, ({ key }) => {
      if (key === `${namespace}/${name}`) done();
    });
    signal?.addEventListener('abort', done, { once: true });
  });
  return find(attributes, name);
}

function complete(attributes: AdmissionAttributes, spec: MutableObject['spec'], account: ServiceAccount): undefined {
  const automount = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  if (automount) mountToken(attributes, spec);
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
    spec.imagePullSecrets = account.imagePullSecrets.map(({ name }) => ({ name }));
  }
  return undefined;
}

function mountToken({ backend }: AdmissionAttributes, spec: MutableObject['spec']): void {
  const volumes: readonly { readonly name: string }[] = spec.volumes ?? [];
  const present = volumes.find(({ name }) => name?.startsWith(volumePrefix))?.name;
  const name = present ?? generateName(volumePrefix, backend.random);
  let needed = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const mounts: readonly { readonly mountPath: string }[] = container.volumeMounts ?? [];
    if (mounts.some((mount) => mount.mountPath === mountPath)) continue;
    container.volumeMounts = [...mounts, { name, readOnly: true, mountPath }];
    needed = true;
  }
  if (needed && present === undefined) spec.volumes = [...volumes, { name, projected: tokenVolume() }];
}

function tokenVolume(): object {
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.namespace' };
  return {
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef }] } },
    ],
    defaultMode: 420,
  };
}
