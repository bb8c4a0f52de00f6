import { X509Certificate } from 'node:crypto';

/** The certificates of a PEM text, the first of a chain first. @throws Error if one of them cannot be read */
export function readChain(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** From when on all of a chain is valid, and until when; in milliseconds since 1970. Undefined for an empty chain. */
export function validityOf(
  chain: readonly X509Certificate[],
): { readonly from: number; readonly until: number } | undefined {
  if (chain.length === 0) return undefined;
  return {
    from: Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom))),
    until: Math.min(...chain.map(({ validTo }) => Date.parse(validTo))),
  };
}

/** What `openssl x509 -text` says that people look for, a paragraph for each certificate. */
export function describeChain(chain: readonly X509Certificate[]): string {
  return chain.map((certificate) => `${describe(certificate)}\n`).join('\n');
}

function describe(certificate: X509Certificate): string {
  const { subject, issuer, serialNumber, validFrom, validTo, publicKey, subjectAltName, fingerprint256, ca } =
    certificate;
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  const size = modulusLength ? ` (${modulusLength} bit)` : namedCurve ? ` (${namedCurve})` : '';
  const names = (name: string | undefined) => (name ?? '').split('\n').join(', ');
  return [
    'Certificate:',
    `    Serial Number: ${serialNumber.toLowerCase()}`,
    `    Issuer: ${names(issuer)}`,
    '    Validity',
    `        Not Before: ${validFrom}`,
    `        Not After : ${validTo}`,
    `    Subject: ${names(subject)}`,
    `    Public Key Algorithm: ${publicKey.asymmetricKeyType}${size}`,
    ...(subjectAltName ? [`    Subject Alternative Name: ${subjectAltName}`] : []),
    `    CA: ${ca ? 'TRUE' : 'FALSE'}`,
    `    SHA-256 Fingerprint: ${fingerprint256}`,
  ].join('\n');
}
