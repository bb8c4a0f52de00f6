import type { ServedResource } from '../registry/index.ts';
import { FieldSet } from './merge/index.ts';

type Path = readonly string[];

const status: Path = ['status'];
const spec: Path = ['spec'];
const metadata: Path = ['metadata'];

/** What a write of the status leaves as it was, where that is more or less than the spec. */
const resetByStatus: Readonly<Record<string, readonly Path[]>> = {
  '/pods': [spec, ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']],
  'apps/deployments': [spec, ['metadata', 'labels']],
  'admissionregistration.k8s.io/validatingadmissionpolicies': [spec, metadata],
  'apiregistration.k8s.io/apiservices': [spec, metadata],
  'certificates.k8s.io/certificatesigningrequests': [spec, ['status', 'conditions']],
  'flowcontrol.apiserver.k8s.io/flowschemas': [spec, metadata],
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': [spec, metadata],
  'networking.k8s.io/servicecidrs': [spec, metadata],
  'resource.k8s.io/resourceclaims': [spec, metadata],
  'storage.k8s.io/volumeattachments': [spec, metadata],
};

/** Kinds whose objects as a whole are written with more than the status left as it was, or with the status. */
const resetByObject: Readonly<Record<string, readonly Path[]>> = {
  'certificates.k8s.io/certificatesigningrequests': [spec, status],
};

/**
 * The fields that a write of the object or of a subresource does not change whatever it says of them; nobody comes
 * to own them by it. Undefined: there are none.
 */
export function resetFields(resource: ServedResource, subresource: string): FieldSet | undefined {
  const paths = resetPaths(resource, subresource);
  return paths.length === 0 ? undefined : FieldSet.of(...paths);
}

function resetPaths({ group, resource, custom, subresources }: ServedResource, subresource: string): readonly Path[] {
  const key = `${group}/${resource}`;
  switch (subresource) {
    case '':
      return resetByObject[key] ?? (subresources.status ? [status] : []);
    case 'status':
      return custom ? [metadata, spec] : (resetByStatus[key] ?? [spec]);
    case 'approval':
      return [spec, ['status', 'certificate']];
    case 'finalize':
      return [status];
    default:
      return [];
  }
}
