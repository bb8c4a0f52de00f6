// Certificates, and how to get at a server that has them.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';

/** Of a server that is called by these names, an admin, and service accounts: `ca`, `server`, `admin`, `sa`. */
export function makeCertificates(folder: string, names: readonly string[]): void {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const key = (name: string) => openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${name}.key`);
  key('ca');
  // biome-ignore format: one option a line reads best
  openssl('req', '-x509', '-new', '-key', 'ca.key', '-sha256', '-days', '30', '-subj', '/CN=real-ca', '-out', 'ca.crt',
    '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
  const issue = (name: string, subject: string, extensions: string) => {
    key(name);
    writeFileSync(join(folder, `${name}.ext`), `keyUsage=critical,digitalSignature\n${extensions}\n`);
    openssl('req', '-new', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
    // biome-ignore format: one option a line reads best
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-sha256',
      '-days', '30', '-extfile', `${name}.ext`, '-out', `${name}.crt`);
  };
  issue('server', '/CN=kube-apiserver', `extendedKeyUsage=serverAuth\nsubjectAltName=${names.join(',')}`);
  issue('admin', '/O=system:masters/CN=admin', 'extendedKeyUsage=clientAuth');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
}

/** Of the admin of `makeCertificates`, who is in system:masters. */
export function adminKubeconfig(server: string, folder: string): string {
  const data = (name: string) => readFileSync(join(folder, name)).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'real',
    clusters: [{ name: 'real', cluster: { server, 'certificate-authority-data': data('ca.crt') } }],
    users: [
      { name: 'admin', user: { 'client-certificate-data': data('admin.crt'), 'client-key-data': data('admin.key') } },
    ],
    contexts: [{ name: 'real', context: { cluster: 'real', user: 'admin', namespace: 'default' } }],
  });
}

export function isReady(url: string, folder: string): Promise<boolean> {
  const [ca, cert, key] = ['ca.crt', 'admin.crt', 'admin.key'].map((name) => readFileSync(join(folder, name)));
  return new Promise((resolve) => {
    const request = get(`${url}/readyz`, { ca, cert, key, agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy());
  });
}
