import type { TLSSocket } from 'node:tls';
import type { UserInfo } from './message.ts';

/** What a TLS connection says about who is calling. */
export interface Caller {
  readonly user?: UserInfo;
  /** A certificate was shown, but none that the client authority signed or that is valid now. */
  readonly rejected: boolean;
}

/** The common name of a verified client certificate is the user, its organizations are the groups. */
export function callerOf(socket: TLSSocket): Caller {
  const certificate = socket.getPeerCertificate?.(false);
  if (!certificate || Object.keys(certificate).length === 0) return { rejected: false };
  if (!socket.authorized) return { rejected: true };
  const name: unknown = certificate.subject?.CN;
  const organizations: unknown = certificate.subject?.O ?? [];
  if (typeof name !== 'string' || name === '') return { rejected: true };
  const groups = (Array.isArray(organizations) ? organizations : [organizations]).map(String);
  const fingerprint = certificate.fingerprint256?.replaceAll(':', '').toLowerCase();
  const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] };
  return { user: { name, groups, extra }, rejected: false };
}
