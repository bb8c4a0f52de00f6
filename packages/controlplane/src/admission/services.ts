import { goQuote } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { HostAndPort } from '../http/index.ts';
import type { Store } from '../store/index.ts';

interface Service {
  readonly spec?: {
    readonly type?: string;
    readonly externalName?: string;
    readonly ports?: readonly { readonly name?: string; readonly port: number }[];
  };
}

interface EndpointSlice {
  readonly addressType: string;
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}

/** Where the endpoints say that a Service's port is served: there is no cluster network here that would know better. */
export function serviceEndpoint(store: Store, namespace: string, name: string, port: number): HostAndPort {
  const service = store.collection('/services').get(`${namespace}/${name}`)?.object as
    | (KubeObject & Service)
    | undefined;
  if (!service) throw new Error(`service ${goQuote(name)} not found`);
  const { type, externalName = '', ports = [] } = service.spec ?? {};
  if (type === 'ExternalName') return { host: externalName, port };
  const servicePort = ports.find((one) => one.port === port);
  if (!servicePort) throw new Error(`no service port ${port} found for service ${goQuote(name)}`);
  const slices = store.collection('discovery.k8s.io/endpointslices').present().entries(`${namespace}/`);
  for (const { object } of slices) {
    if (object.metadata.labels?.['kubernetes.io/service-name'] !== name) continue;
    const slice = object as KubeObject & EndpointSlice;
    const target = slice.ports?.find((one) => (one.name ?? '') === (servicePort.name ?? ''))?.port;
    const endpoint = slice.endpoints?.find((one) => one.conditions?.ready !== false);
    const host = endpoint?.addresses[0];
    if (host !== undefined && target !== undefined) return { host, port: target };
  }
  throw new Error(`no endpoints available for service ${goQuote(name)}`);
}
