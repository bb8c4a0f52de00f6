import { formatApiVersion } from '@setpoint/apimachinery/meta';
import type { MutableObject } from '../../registry/index.ts';
import type { Controller, ControllerContext } from '../host/index.ts';
import { unlessTerminating } from '../host/index.ts';
import { classOf, modeOf } from './match.ts';
import { claimsOf } from './protection.ts';

const provisionerKey = 'volume.kubernetes.io/storage-provisioner';
const selectedNodeKey = 'volume.kubernetes.io/selected-node';
const provisionedByKey = 'pv.kubernetes.io/provisioned-by';

/** Stands where a cluster that knows no node would have one. */
const anyNode = 'node';

/**
 * Plays the provisioners of all StorageClasses, which in a cluster are programs of their own: makes a volume for each
 * claim that waits for one, chooses the node of a claim that waits for its first consumer (in place of the scheduler),
 * and deletes volumes that are released and to be deleted.
 */
export const volumeProvisioner: Controller = {
  name: 'volume-provisioner',
  serviceAccount: 'volume-provisioner',
  start(context) {
    const claims = context.resource('', 'v1', 'persistentvolumeclaims');
    const volumes = context.resource('', 'v1', 'persistentvolumes');
    const pods = context.resource('', 'v1', 'pods');
    const toProvision = context.queue((key) => provision(context, key));
    const toDelete = context.queue(async (name) => {
      const volume = context.client.get(volumes, '', name) as MutableObject | undefined;
      const { uid = '', annotations = {}, deletionTimestamp } = volume?.metadata ?? {};
      const isOver = volume?.status?.phase === 'Released' && !deletionTimestamp;
      if (!isOver || !annotations[provisionedByKey] || volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return;
      await context.client.delete(volumes, '', name, { uid });
    });
    context.watch(claims, ({ type, key }) => {
      if (type !== 'delete') toProvision.add(key);
    });
    context.watch(pods, ({ type, entry: { object } }) => {
      if (type === 'delete') return;
      for (const name of claimsOf(object as MutableObject)) toProvision.add(`${object.metadata.namespace}/${name}`);
    });
    context.watch(volumes, ({ type, key }) => {
      if (type !== 'delete') toDelete.add(key);
    });
  },
};

async function provision(context: ControllerContext, key: string): Promise<void> {
  const { client } = context;
  const claims = context.resource('', 'v1', 'persistentvolumeclaims');
  const volumes = context.resource('', 'v1', 'persistentvolumes');
  const classes = context.resource('storage.k8s.io', 'v1', 'storageclasses');
  const [namespace = '', name = ''] = key.split('/');
  const claim = client.get(claims, namespace, name) as MutableObject | undefined;
  if (!claim || claim.spec.volumeName || claim.metadata.deletionTimestamp) return;
  const storageClass = client.get(classes, '', classOf(claim)) as MutableObject | undefined;
  if (!storageClass || storageClass.provisioner.startsWith('kubernetes.io/no-')) return;
  const { annotations = {}, uid = '' } = claim.metadata;
  if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && !annotations[selectedNodeKey]) {
    const node = nodeForClaim(context, namespace, name);
    if (node === undefined) return;
    await client.update(claims, namespace, name, (object) => annotate(object, { [selectedNodeKey]: node }), { uid });
    return;
  }
  // The binder says when it is the provisioner's turn.
  if (annotations[provisionerKey] !== storageClass.provisioner) return;
  await unlessTerminating(client.create(volumes, volumeFor(claim, storageClass)));
}

function annotate(object: MutableObject, annotations: Readonly<Record<string, string>>): true {
  (object.metadata as { annotations?: object }).annotations = { ...object.metadata.annotations, ...annotations };
  return true;
}

/** The node of a pod that uses the claim; undefined: nobody does. */
function nodeForClaim(context: ControllerContext, namespace: string, name: string): string | undefined {
  const pods = context.client.list(context.resource('', 'v1', 'pods'), namespace);
  const consumer = pods.find((pod) => claimsOf(pod as MutableObject).includes(name)) as MutableObject | undefined;
  if (!consumer) return undefined;
  const [node] = context.client.list(context.resource('', 'v1', 'nodes'));
  return consumer.spec.nodeName || node?.metadata.name || anyNode;
}

function volumeFor(claim: MutableObject, storageClass: MutableObject) {
  const { namespace, name, uid, resourceVersion } = claim.metadata;
  const { provisioner, reclaimPolicy, parameters, mountOptions } = storageClass;
  const volume = `pvc-${uid}`;
  return {
    metadata: { name: volume, annotations: { [provisionedByKey]: provisioner } },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage: claim.spec.resources.requests.storage },
      claimRef: {
        apiVersion: formatApiVersion('', 'v1'),
        kind: 'PersistentVolumeClaim',
        namespace,
        name,
        uid,
        resourceVersion,
      },
      csi: { driver: provisioner, volumeHandle: volume, ...(parameters ? { volumeAttributes: parameters } : {}) },
      ...(mountOptions ? { mountOptions } : {}),
      persistentVolumeReclaimPolicy: reclaimPolicy,
      storageClassName: classOf(claim),
      volumeMode: modeOf(claim),
    },
  };
}
