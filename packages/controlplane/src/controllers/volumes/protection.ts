import type { MutableObject, ServedResource } from '../../registry/index.ts';
import { type Controller, type ControllerContext, isStatus } from '../host/index.ts';

const claimFinalizer = 'kubernetes.io/pvc-protection';
const volumeFinalizer = 'kubernetes.io/pv-protection';

/** Lets a claim that is being deleted go when no pod on a node uses it any more. */
export const claimProtection: Controller = {
  name: 'persistentvolumeclaim-protection-controller',
  serviceAccount: 'pvc-protection-controller',
  start(context) {
    const claims = context.resource('', 'v1', 'persistentvolumeclaims');
    const pods = context.collection(context.resource('', 'v1', 'pods'));
    const isUsed = ({ metadata: { namespace, name } }: MutableObject) =>
      Iterator.from(pods.present().entries(`${namespace}/`)).some(({ object }) => {
        const pod = object as MutableObject;
        return Boolean(pod.spec.nodeName) && claimsOf(pod).includes(name ?? '');
      });
    const queue = context.queue((key) => protect(context, claims, key, claimFinalizer, (claim) => !isUsed(claim)));
    context.watch(claims, ({ type, key }) => {
      if (type !== 'delete') queue.add(key);
    });
    context.watch(context.resource('', 'v1', 'pods'), ({ type, entry: { object } }) => {
      if (type === 'create') return;
      const pod = object as MutableObject;
      for (const name of claimsOf(pod)) queue.add(`${pod.metadata.namespace}/${name}`);
    });
  },
};

/** Lets a volume that is being deleted go when it is not bound. */
export const volumeProtection: Controller = {
  name: 'persistentvolume-protection-controller',
  serviceAccount: 'pv-protection-controller',
  start(context) {
    const volumes = context.resource('', 'v1', 'persistentvolumes');
    const isFree = (volume: MutableObject) => volume.status?.phase !== 'Bound';
    const queue = context.queue((key) => protect(context, volumes, key, volumeFinalizer, isFree));
    context.watch(volumes, ({ type, key }) => {
      if (type !== 'delete') queue.add(key);
    });
  },
};

async function protect(
  { client }: ControllerContext,
  resource: ServedResource,
  key: string,
  finalizer: string,
  mayGo: (object: MutableObject) => boolean,
): Promise<void> {
  const [namespace, name] = resource.namespaced ? (key.split('/') as [string, string]) : ['', key];
  const object = client.get(resource, namespace, name) as MutableObject | undefined;
  if (!object) return;
  const { deletionTimestamp, finalizers = [], uid = '' } = object.metadata;
  const isProtected = finalizers.includes(finalizer);
  const remove = deletionTimestamp !== undefined && isProtected && mayGo(object);
  if (!remove && (deletionTimestamp !== undefined || isProtected)) return;
  const change = ({ metadata }: MutableObject) => {
    const before = metadata.finalizers ?? [];
    const after = remove ? before.filter((one) => one !== finalizer) : [...before, finalizer];
    (metadata as { finalizers?: readonly string[] }).finalizers = after;
    return true;
  };
  try {
    await client.update(resource, namespace, name, change, { uid });
  } catch (error) {
    if (!isStatus(error, 404)) throw error;
  }
}

/** Names of the claims that a pod mounts, those of its own included while it is not finished. */
export function claimsOf(pod: MutableObject): string[] {
  const isFinished = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  return (pod.spec.volumes ?? []).flatMap((volume: MutableObject) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral && !isFinished ? [`${pod.metadata.name}-${volume.name}`] : [];
  });
}
