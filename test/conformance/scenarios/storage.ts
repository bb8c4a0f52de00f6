import { scenario } from '../scenario.ts';

const group = '/apis/storage.k8s.io/v1';
const object = (kind: string, name: string, rest: object) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind,
  metadata: { name },
  ...rest,
});
const merge = 'application/merge-patch+json';

export const storage = [
  scenario('storage', 'a storage class keeps what it provisions by', async (server) => {
    const classes = `${group}/storageclasses`;
    const name = `class-${server.namespace}`;
    const storageClass = (rest: object) => object('StorageClass', name, { provisioner: 'example.com/disk', ...rest });
    await server.post(classes, storageClass({ parameters: { a: '1' }, mountOptions: ['x'] }));
    await server.patch(`${classes}/${name}`, merge, { parameters: { a: '2' } });
    await server.patch(`${classes}/${name}`, merge, { provisioner: 'example.com/other' });
    await server.patch(`${classes}/${name}`, merge, { reclaimPolicy: 'Retain' });
    await server.patch(`${classes}/${name}`, merge, { volumeBindingMode: 'WaitForFirstConsumer' });
    await server.patch(`${classes}/${name}`, merge, { allowVolumeExpansion: true, mountOptions: ['y'] });
    await server.delete(`${classes}/${name}`);
    await server.post(classes, storageClass({ provisioner: '' }));
    await server.post(classes, storageClass({ provisioner: 'No Name' }));
    await server.post(classes, storageClass({ parameters: { '': 'x' } }));
    await server.post(classes, storageClass({ parameters: { a: 'x'.repeat(262_144) } }));
    const term = (values: readonly string[], key = 'zone') => ({ matchLabelExpressions: [{ key, values }] });
    await server.post(classes, storageClass({ allowedTopologies: [term([])] }));
    await server.post(classes, storageClass({ allowedTopologies: [term(['a', 'a'], 'no key')] }));
    await server.post(classes, storageClass({ allowedTopologies: [term(['a', 'b']), term(['b', 'a'])] }));
  }),
  scenario('storage', 'volumes that are attached stay where they are', async (server) => {
    const attachments = `${group}/volumeattachments`;
    const name = `attached-${server.namespace}`;
    const attachment = (rest: object) =>
      object('VolumeAttachment', name, {
        spec: { attacher: 'example.com', nodeName: 'n', source: { persistentVolumeName: 'v' }, ...rest },
      });
    await server.post(attachments, attachment({ attacher: '' }));
    await server.post(attachments, attachment({ attacher: 'a'.repeat(64) }));
    await server.post(attachments, attachment({ attacher: '-a' }));
    await server.post(attachments, attachment({ nodeName: 'N_N' }));
    await server.post(attachments, attachment({ source: {} }));
    await server.post(attachments, attachment({ source: { persistentVolumeName: '-' } }));
    await server.post(attachments, attachment({}));
    await server.patch(`${attachments}/${name}`, merge, { metadata: { labels: { a: 'b' } } });
    await server.patch(`${attachments}/${name}`, merge, { spec: { nodeName: 'm' } });
    await server.patch(`${attachments}/${name}/status`, merge, { status: { attached: true } });
    await server.delete(`${attachments}/${name}`);
  }),
  scenario('storage', 'drivers, and what they offer', async (server) => {
    const drivers = `${group}/csidrivers`;
    const name = `driver-${server.namespace}`;
    const driver = (spec: object) => object('CSIDriver', name, { spec });
    await server.post(drivers, driver({ nodeAllocatableUpdatePeriodSeconds: 5 }));
    await server.post(drivers, driver({ tokenRequests: [{ audience: 'a' }, { audience: 'a' }] }));
    await server.post(drivers, driver({ tokenRequests: [{ audience: 'a', expirationSeconds: 5 }] }));
    await server.post(drivers, driver({ volumeLifecycleModes: ['Never'] }));
    await server.post(drivers, driver({ fsGroupPolicy: 'Never' }));
    await server.post(drivers, driver({}));
    await server.patch(`${drivers}/${name}`, merge, { spec: { attachRequired: false } });
    await server.patch(`${drivers}/${name}`, merge, { spec: { volumeLifecycleModes: ['Ephemeral'] } });
    await server.patch(`${drivers}/${name}`, merge, { spec: { podInfoOnMount: true } });
    await server.delete(`${drivers}/${name}`);
    const classes = `${group}/volumeattributesclasses`;
    const attributes = (rest: object) =>
      object('VolumeAttributesClass', name, { driverName: 'example.com', parameters: { a: '1' }, ...rest });
    await server.post(classes, attributes({ driverName: '', parameters: {} }));
    await server.post(classes, attributes({}));
    await server.patch(`${classes}/${name}`, merge, { parameters: { a: '2' } });
    await server.patch(`${classes}/${name}`, merge, { driverName: 'example.org' });
    await server.delete(`${classes}/${name}`);
  }),
  scenario('storage', 'what nodes and topologies have of drivers', async (server) => {
    const nodes = `${group}/csinodes`;
    const name = `node-${server.namespace}`;
    const node = (...drivers: readonly object[]) => object('CSINode', name, { spec: { drivers } });
    await server.post(nodes, node({ name: '', nodeID: '' }));
    await server.post(nodes, node({ name: 'a', nodeID: 'i' }, { name: 'a', nodeID: 'j', allocatable: { count: -1 } }));
    await server.post(nodes, node({ name: 'a', nodeID: 'x'.repeat(257) }));
    await server.post(nodes, node({ name: 'a', nodeID: 'i', topologyKeys: ['z', 'z'] }));
    await server.post(nodes, node({ name: 'a', nodeID: 'i', topologyKeys: ['no key'] }));
    await server.post(nodes, node({ name: 'a', nodeID: 'i', topologyKeys: ['z'] }));
    await server.patch(`${nodes}/${name}`, merge, {
      spec: { drivers: [{ name: 'a', nodeID: 'i', topologyKeys: ['z'], allocatable: { count: 4 } }] },
    });
    await server.delete(`${nodes}/${name}`);
    const capacities = `${group}/namespaces/${server.namespace}/csistoragecapacities`;
    const capacity = (rest: object) => object('CSIStorageCapacity', 'c', { storageClassName: 'a', ...rest });
    await server.post(capacities, capacity({ storageClassName: '' }));
    await server.post(capacities, capacity({ capacity: '-1' }));
    await server.post(capacities, capacity({ nodeTopology: { matchLabels: { 'no key': 'x' } } }));
    await server.post(capacities, capacity({ capacity: '1Gi' }));
    await server.patch(`${capacities}/c`, merge, { storageClassName: 'b' });
    await server.patch(`${capacities}/c`, merge, { capacity: '2Gi' });
  }),
];
