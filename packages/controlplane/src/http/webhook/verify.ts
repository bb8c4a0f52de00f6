import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { goQuote } from '@setpoint/apimachinery/errors';

const failed = 'tls: failed to verify certificate: x509: ';

/** Why Go would not trust this server under this name, at the time `now`; undefined: it would. */
export function certificateError(
  socket: TLSSocket,
  name: string,
  authorities: string,
  now: number,
): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return 'tls: server did not show a certificate';
  const code = socket.authorized ? '' : codeOf(socket.authorizationError);
  const problem =
    timeError(certificate, code, now) ?? nameError(certificate, name) ?? authorityError(certificate, code, authorities);
  return problem === undefined ? undefined : `${failed}${problem}`;
}

function codeOf(error: Error | string | null): string {
  return typeof error === 'string' ? error : ((error as (Error & { code?: string }) | null)?.code ?? String(error));
}

/** Whether it is time, TLS says by the time of the machine. */
function timeError(certificate: X509Certificate, code: string, now: number): string | undefined {
  const because = `certificate has expired or is not yet valid: current time ${rfc3339(now)} is`;
  if (code === 'CERT_NOT_YET_VALID') return `${because} before ${rfc3339(Date.parse(certificate.validFrom))}`;
  if (code === 'CERT_HAS_EXPIRED') return `${because} after ${rfc3339(Date.parse(certificate.validTo))}`;
  return undefined;
}

function rfc3339(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

function nameError(certificate: X509Certificate, name: string): string | undefined {
  const names = (certificate.subjectAltName ?? '').split(', ');
  const ofType = (type: string) =>
    names.filter((one) => one.startsWith(`${type}:`)).map((one) => one.slice(type.length + 1));
  const [hosts, addresses] = [ofType('DNS'), ofType('IP Address')];
  if (isIP(name) !== 0) {
    if (certificate.checkIP(name) !== undefined) return undefined;
    if (addresses.length === 0) return `cannot validate certificate for ${name} because it doesn't contain any IP SANs`;
    return `certificate is valid for ${addresses.join(', ')}, not ${name}`;
  }
  const options = { subject: 'never', multiLabelWildcards: false, partialWildcards: false } as const;
  if (certificate.checkHost(name, options) !== undefined) return undefined;
  if (certificate.subjectAltName === undefined && commonName(certificate) === name) {
    return 'certificate relies on legacy Common Name field, use SANs instead';
  }
  if (hosts.length === 0) return `certificate is not valid for any names, but wanted to match ${name}`;
  return `certificate is valid for ${hosts.join(', ')}, not ${name}`;
}

function authorityError(certificate: X509Certificate, code: string, authorities: string): string | undefined {
  if (code === '') return undefined;
  if (code === 'INVALID_PURPOSE') return 'certificate specifies an incompatible key usage';
  return `certificate signed by unknown authority${hint(certificate, authorities)}`;
}

/** An authority of the same name has signed with another key. */
function hint(certificate: X509Certificate, authorities: string): string {
  const namesake = certificatesOf(authorities).find((one) => one.subject === certificate.issuer);
  if (!namesake || certificate.verify(namesake.publicKey)) return '';
  const why =
    namesake.publicKey.asymmetricKeyType === 'rsa'
      ? 'crypto/rsa: verification error'
      : 'x509: ECDSA verification failure';
  const name = commonName(namesake);
  return ` (possibly because of ${goQuote(why)} while trying to verify candidate authority certificate ${goQuote(name)})`;
}

function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function commonName(certificate: X509Certificate): string {
  return /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '';
}
