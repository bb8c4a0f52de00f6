import { compareBytes } from '@setpoint/apimachinery/json';
import { sortedByHash } from './hash.ts';

export interface Address {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef: { readonly kind: 'Pod'; readonly namespace: string; readonly name: string; readonly uid: string };
}

export interface Port {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

export interface Subset {
  readonly addresses?: readonly Address[];
  readonly notReadyAddresses?: readonly Address[];
  readonly ports?: readonly Port[];
}

/**
 * The same ports and addresses in the form in which Endpoints are stored: addresses that offer the same ports stand
 * together. The real server orders several subsets by a hash that depends on uids; here it is by their first address.
 */
export function repackSubsets(subsets: readonly Subset[]): Subset[] {
  const byPort = new Map<string, { readonly port: Port | undefined; readonly hosts: Map<string, Host> }>();
  for (const subset of subsets) {
    for (const port of subset.ports ?? [undefined]) {
      const key = JSON.stringify(port ?? null);
      const known = byPort.get(key) ?? { port, hosts: new Map<string, Host>() };
      byPort.set(key, known);
      for (const address of subset.addresses ?? []) put(known.hosts, address, true);
      for (const address of subset.notReadyAddresses ?? []) put(known.hosts, address, false);
    }
  }
  const byHosts = new Map<string, { readonly hosts: readonly Host[]; readonly ports: Port[] }>();
  for (const { port, hosts } of byPort.values()) {
    const sorted = [...hosts.values()].sort(compareHosts);
    const key = JSON.stringify(sorted);
    const known = byHosts.get(key) ?? { hosts: sorted, ports: [] };
    byHosts.set(key, known);
    if (port) known.ports.push(port);
  }
  return [...byHosts.values()]
    .sort((a, b) => compareHosts(a.hosts[0] as Host, b.hosts[0] as Host))
    .map(({ hosts, ports }) => {
      const addresses = hosts.filter((host) => host.ready).map((host) => host.address);
      const notReadyAddresses = hosts.filter((host) => !host.ready).map((host) => host.address);
      return {
        ...(addresses.length > 0 ? { addresses } : {}),
        ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
        ...(ports.length > 0 ? { ports: sortedByHash(ports, dumpPort) } : {}),
      };
    });
}

interface Host {
  readonly address: Address;
  readonly ready: boolean;
}

/** Not ready once is not ready. */
function put(hosts: Map<string, Host>, address: Address, ready: boolean): void {
  const key = `${address.ip} ${address.targetRef.uid}`;
  const known = hosts.get(key);
  if (!known || (known.ready && !ready)) hosts.set(key, { address, ready });
}

function compareHosts(a: Host, b: Host): number {
  return compareBytes(a.address.ip, b.address.ip) || compareBytes(a.address.targetRef.uid, b.address.targetRef.uid);
}

function dumpPort({ name = '', port, protocol, appProtocol }: Port): string {
  const last = appProtocol ?? '<nil>';
  return `(v1.EndpointPort){Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol} AppProtocol:(*string)${last}}`;
}
