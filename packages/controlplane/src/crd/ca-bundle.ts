import { X509Certificate } from 'node:crypto';
import type { Definition } from './definition.ts';

const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** What is wrong with a caBundle (PEM in base64), in the server's words; undefined for a good or an empty one. */
export function bundleProblem(caBundle: string | undefined): string | undefined {
  const pem = Buffer.from(caBundle ?? '', 'base64').toString('utf8');
  if (pem === '') return undefined;
  const failed = 'unable to load root certificates: ';
  const blocks = [...pem.matchAll(block)];
  if (blocks.length === 0) return `${failed}unable to parse bytes as PEM block`;
  const certificates = blocks.filter(([, type]) => type === 'CERTIFICATE');
  if (certificates.length === 0) return `${failed}no valid certificate authority data seen`;
  return certificates.some(([text]) => isCertificate(text))
    ? undefined
    : `${failed}failed to parse certificate: x509: malformed certificate`;
}

function isCertificate(text: string): boolean {
  try {
    new X509Certificate(text);
    return true;
  } catch {
    return false;
  }
}

/** The caBundle of the conversion webhook, if there is one. */
export function bundleOf({ spec }: Definition): string | undefined {
  return spec.conversion?.webhook?.clientConfig?.caBundle;
}
