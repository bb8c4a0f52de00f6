import type { IncomingHttpHeaders } from 'node:http';
import { type BindAddress, formatAddress } from '../address.ts';

/** Loaded for an address that may be one: most programs that import this library serve none. */
function isIPv4(host: string): boolean {
  return process.getBuiltinModule('node:net').isIPv4(host);
}

/** @throws Error for an address that others than this machine reach */
export function requireLoopback(address: BindAddress): void {
  if (isLoopback(address.host)) return;
  throw new Error(
    `the debug server listens on loopback addresses only (127.0.0.1:6060), not on ${formatAddress(address)}: whoever reaches it can read every secret in this process; use kubectl port-forward`,
  );
}

/** Whether a request comes from a tool on this machine, and not from a web page that a browser on it shows. */
export function isOwnRequest(headers: IncomingHttpHeaders): boolean {
  const host = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(headers.host ?? '');
  const site = headers['sec-fetch-site'];
  return isLoopback(host?.[1] ?? host?.[2] ?? '') && (site === undefined || site === 'none' || site === 'same-origin');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (host.startsWith('127.') && isIPv4(host));
}
