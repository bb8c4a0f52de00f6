import { timestampAge } from '@setpoint/apimachinery/duration';
import type { Loose } from '../walk.ts';
import { type Cells, orNone, selector } from './format.ts';

function created(object: Loose, now: number): string {
  return timestampAge(object.metadata.creationTimestamp, now);
}

/** Cells of kinds that people seldom list: admission policies, volumes' drivers, networks of Services. */
export const rarePrinters: Readonly<Record<string, Cells>> = {
  'storage.k8s.io/v1.CSIDriver': ({ metadata, spec = {} }, now) => [
    metadata.name,
    spec.attachRequired ?? true,
    spec.podInfoOnMount ?? false,
    spec.storageCapacity ?? false,
    spec.tokenRequests ? spec.tokenRequests.map((one: Loose) => one.audience).join(',') : '<unset>',
    spec.requiresRepublish ?? false,
    orNone(spec.volumeLifecycleModes?.join(',')),
    created({ metadata }, now),
  ],
  'storage.k8s.io/v1.CSINode': (node, now) => [node.metadata.name, node.spec?.drivers?.length ?? 0, created(node, now)],
  'storage.k8s.io/v1.VolumeAttachment': (attachment, now) => [
    attachment.metadata.name,
    attachment.spec?.attacher ?? '',
    attachment.spec?.source?.persistentVolumeName ?? '',
    attachment.spec?.nodeName ?? '',
    attachment.status?.attached ?? false,
    created(attachment, now),
  ],
  'storage.k8s.io/v1.VolumeAttributesClass': (one, now) => [one.metadata.name, one.driverName ?? '', created(one, now)],
  'admissionregistration.k8s.io/v1.ValidatingAdmissionPolicy': (policy, now) => [
    policy.metadata.name,
    policy.spec?.validations?.length ?? 0,
    paramKind(policy),
    created(policy, now),
  ],
  'admissionregistration.k8s.io/v1.MutatingAdmissionPolicy': (policy, now) => [
    policy.metadata.name,
    policy.spec?.mutations?.length ?? 0,
    paramKind(policy),
    created(policy, now),
  ],
  'admissionregistration.k8s.io/v1.ValidatingAdmissionPolicyBinding': bindingCells,
  'admissionregistration.k8s.io/v1.MutatingAdmissionPolicyBinding': bindingCells,
  'networking.k8s.io/v1.ServiceCIDR': (range, now) => [
    range.metadata.name,
    (range.spec?.cidrs ?? []).join(','),
    created(range, now),
  ],
  'networking.k8s.io/v1.IPAddress': (address) => [address.metadata.name, parent(address.spec?.parentRef)],
};

function paramKind({ spec = {} }: Loose): string {
  return spec.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>';
}

function bindingCells(binding: Loose, now: number): readonly unknown[] {
  const reference = binding.spec?.paramRef;
  const named = reference?.name ? `${reference.namespace || '*'}/${reference.name}` : undefined;
  const shown = named ?? (reference?.selector ? selector(reference.selector) : '<unset>');
  return [binding.metadata.name, binding.spec?.policyName ?? '', shown, created(binding, now)];
}

function parent(reference: Loose): string {
  if (!reference) return '<none>';
  const { group, resource = '', namespace, name = '' } = reference;
  const kind = (group ? `${resource}.${group}` : resource).toLowerCase();
  return namespace ? `${kind}/${namespace}/${name}` : `${kind}/${name}`;
}
