import { humanDuration, timestampAge } from '@setpoint/apimachinery/duration';
import type { Loose } from '../walk.ts';
import type { Cells } from './format.ts';

function created(object: Loose, now: number): string {
  return timestampAge(object.metadata.creationTimestamp, now);
}

/** Cells of the kinds that configure the cluster itself. */
export const systemPrinters: Readonly<Record<string, Cells>> = {
  'scheduling.k8s.io/v1.PriorityClass': (one, now) => [
    one.metadata.name,
    one.value ?? 0,
    one.globalDefault ?? false,
    created(one, now),
    one.preemptionPolicy ?? '',
  ],
  'node.k8s.io/v1.RuntimeClass': (one, now) => [one.metadata.name, one.handler ?? '', created(one, now)],
  'certificates.k8s.io/v1.CertificateSigningRequest': (request, now) => [
    request.metadata.name,
    created(request, now),
    request.spec?.signerName || '<none>',
    request.spec?.username ?? '',
    request.spec?.expirationSeconds === undefined ? '<none>' : humanDuration(request.spec.expirationSeconds * 1000),
    condition(request),
  ],
  'flowcontrol.apiserver.k8s.io/v1.FlowSchema': (schema, now) => [
    schema.metadata.name,
    schema.spec?.priorityLevelConfiguration?.name ?? '',
    schema.spec?.matchingPrecedence ?? 0,
    schema.spec?.distinguisherMethod?.type ?? '<none>',
    created(schema, now),
    schema.status?.conditions?.find((one: Loose) => one.type === 'Dangling')?.status ?? '?',
  ],
  'flowcontrol.apiserver.k8s.io/v1.PriorityLevelConfiguration': (level, now) => {
    const { type = '', limited } = level.spec ?? {};
    const queuing = limited?.limitResponse?.queuing;
    return [
      level.metadata.name,
      type,
      limited?.nominalConcurrencyShares ?? '<none>',
      queuing?.queues ?? '<none>',
      queuing?.handSize ?? '<none>',
      queuing?.queueLengthLimit ?? '<none>',
      created(level, now),
    ];
  },
  'apiregistration.k8s.io/v1.APIService': (service, now) => {
    const { namespace, name } = service.spec?.service ?? {};
    const where = service.spec?.service ? `${namespace}/${name}` : 'Local';
    return [service.metadata.name, where, availability(service), created(service, now)];
  },
  'resource.k8s.io/v1.ResourceSlice': (slice, now) => [
    slice.metadata.name,
    slice.spec?.nodeName ?? '',
    slice.spec?.driver ?? '',
    slice.spec?.pool?.name ?? '',
    created(slice, now),
  ],
};

function condition({ status }: Loose): string {
  const has = (type: string) => status?.conditions?.some((one: Loose) => one.type === type);
  const decision = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return decision + (has('Failed') ? ',Failed' : '') + (status?.certificate ? ',Issued' : '');
}

function availability({ status }: Loose): string {
  const found = status?.conditions?.find((one: Loose) => one.type === 'Available');
  if (!found) return 'Unknown';
  return found.status === 'True' || !found.reason ? found.status : `${found.status} (${found.reason})`;
}
