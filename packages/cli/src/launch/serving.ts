import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createCertificateAuthority, type KeyPair } from '@setpoint/controlplane';
import type { ApiServerSettings } from '../flags/index.ts';
import { FlagError, readFlagFile } from '../flags/index.ts';

/**
 * The certificate and key that the flags name. Those of --cert-dir are made when both are missing, for clients that
 * take apiserver.crt for the authority: what signed the certificate stands behind it there.
 *
 * @throws FlagError when one of them cannot be read
 */
export function servingPair(serving: ApiServerSettings['serving'], host: string): KeyPair | undefined {
  if (!serving) return undefined;
  const { certificate, key, made } = serving;
  if (made && !existsSync(certificate) && !existsSync(key)) return make(certificate, key, host);
  const flag = made ? 'cert-dir' : 'tls-cert-file';
  return { certificate: readFlagFile(flag, certificate), key: readFlagFile(made ? flag : 'tls-private-key-file', key) };
}

function make(certificateFile: string, keyFile: string, host: string): KeyPair {
  const authority = createCertificateAuthority(`${host}-ca`);
  const hosts = ['localhost', '127.0.0.1', '::1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', host];
  const { certificate, key } = authority.issueServer([...new Set(hosts)]);
  const pair = { certificate: certificate + authority.certificate, key };
  try {
    mkdirSync(dirname(certificateFile), { recursive: true });
    writeFileSync(keyFile, pair.key, { mode: 0o600 });
    writeFileSync(certificateFile, pair.certificate, { mode: 0o644 });
  } catch (error) {
    throw new FlagError(`--cert-dir: ${certificateFile} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
  return pair;
}
