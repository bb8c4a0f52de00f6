import { compareQuantities, parseQuantity } from '@setpoint/apimachinery/quantity';
import type { MutableObject } from '../registry/index.ts';
import type { AdmissionAttributes } from '../verbs/index.ts';
import type { AdmissionPlugin, AdmissionSubject } from './plugin.ts';
import { refused } from './refusal.ts';

const created =
  (group: string, ...resources: readonly string[]) =>
  (subject: AdmissionSubject): boolean =>
    subject.operation === 'CREATE' &&
    subject.subresource === '' &&
    subject.group === group &&
    resources.includes(subject.resource);

/** A new node takes no pods before it says that it is ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  handles: created('', 'nodes'),
  admit({ object }) {
    if (!object) return undefined;
    const taint = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
    object.spec ??= {};
    const taints: readonly { readonly key?: string; readonly effect?: string }[] = object.spec.taints ?? [];
    const present = taints.some((one) => one.key === taint.key && one.effect === taint.effect);
    if (!present) object.spec.taints = [...taints, taint];
    return undefined;
  },
};

const protections: Readonly<Record<string, string>> = {
  persistentvolumes: 'kubernetes.io/pv-protection',
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  volumeattributesclasses: 'kubernetes.io/vac-protection',
};

/** What stores data is not gone while it is used: a finalizer holds it. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: (subject) =>
    created('', 'persistentvolumes', 'persistentvolumeclaims')(subject) ||
    created('storage.k8s.io', 'volumeattributesclasses')(subject),
  admit({ object, resource }) {
    const finalizer = protections[resource.resource];
    if (!object || finalizer === undefined) return undefined;
    const present = object.metadata.finalizers ?? [];
    if (!present.includes(finalizer)) {
      (object.metadata as { finalizers: readonly string[] }).finalizers = [...present, finalizer];
    }
    return undefined;
  },
};

/** A claim that names no class gets the default one. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  handles: created('', 'persistentvolumeclaims'),
  admit(attributes) {
    const { object } = attributes;
    if (!object?.spec || object.spec.storageClassName !== undefined) return undefined;
    const name = defaultClass(
      attributes,
      'storage.k8s.io/storageclasses',
      'storageclass.kubernetes.io/is-default-class',
    );
    if (name !== undefined) object.spec.storageClassName = name;
    return undefined;
  },
};

/** An ingress that names no class, in neither of two ways, gets the default one. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  handles: created('networking.k8s.io', 'ingresses'),
  admit(attributes) {
    const { object } = attributes;
    if (!object?.spec || object.metadata.annotations?.['kubernetes.io/ingress.class']) return undefined;
    if (object.spec.ingressClassName !== undefined) return undefined;
    const annotation = 'ingressclass.kubernetes.io/is-default-class';
    const name = defaultClass(attributes, 'networking.k8s.io/ingressclasses', annotation);
    if (name !== undefined) object.spec.ingressClassName = name;
    return undefined;
  },
};

/** A bound claim may grow where its class allows volumes to grow. */
export const claimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  handles: ({ group, resource, subresource, operation }) =>
    group === '' && resource === 'persistentvolumeclaims' && subresource === '' && operation === 'UPDATE',
  validate(attributes) {
    const { object, oldObject, backend } = attributes;
    const old = oldObject as MutableObject | undefined;
    const [before, after] = [storageOf(old), storageOf(object)];
    if (after === undefined || compareQuantities(after, before ?? parseQuantity('0')) <= 0) return undefined;
    if (old?.status?.phase !== 'Bound')
      throw refused(attributes, 'Only bound persistent volume claims can be expanded');
    const name = object?.spec?.storageClassName;
    const entry = name ? backend.store.collection('storage.k8s.io/storageclasses').get(name) : undefined;
    const { allowVolumeExpansion } = (entry?.object ?? {}) as { allowVolumeExpansion?: boolean };
    if (allowVolumeExpansion && name === old?.spec?.storageClassName) return undefined;
    const why = 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc';
    throw refused(attributes, `${why} must support resize`);
  },
};

function storageOf(claim: MutableObject | undefined) {
  const amount: unknown = claim?.spec?.resources?.requests?.storage;
  return amount === undefined ? undefined : parseQuantity(String(amount));
}

/** The newest class that is marked; of equal age the first by name. */
function defaultClass({ backend }: AdmissionAttributes, storageKey: string, annotation: string): string | undefined {
  const marked = Array.from(backend.store.collection(storageKey).present().entries(''), ({ object }) => object.metadata)
    .filter(({ annotations }) => annotations?.[annotation] === 'true')
    .sort((a, b) => {
      const [older, newer] = [a.creationTimestamp ?? '', b.creationTimestamp ?? ''];
      if (older !== newer) return older > newer ? -1 : 1;
      return (a.name ?? '') < (b.name ?? '') ? -1 : 1;
    });
  return marked[0]?.name;
}

/** Addresses from outside the cluster may be kept and taken away, not added. */
export const denyServiceExternalIPs: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  handles: ({ group, resource, subresource, operation }) =>
    group === '' && resource === 'services' && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  validate(attributes) {
    const addresses = (object: unknown): readonly string[] =>
      (object as MutableObject | undefined)?.spec?.externalIPs ?? [];
    const before = addresses(attributes.oldObject);
    if (addresses(attributes.object).every((one) => before.includes(one))) return undefined;
    throw refused(attributes, 'Use of external IPs is denied by admission control');
  },
};

/** For tests of what happens to who is refused everything. */
export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  handles: () => true,
  admit(attributes) {
    throw refused(attributes, 'admission control is denying all modifications');
  },
  validate(attributes) {
    throw refused(attributes, 'admission control is denying all modifications');
  },
};
