import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface KubeconfigOptions {
  /** `https://127.0.0.1:6443` */
  readonly server: string;
  /** PEM of what signed the server's certificate. */
  readonly authority: string;
  /** PEM of the user's certificate and key. */
  readonly client: { readonly certificate: string; readonly key: string };
  /** Names cluster, user and context; `setpoint` unless told. */
  readonly name?: string;
}

/** A kubeconfig of one cluster, one user and one context, with all key material inside. */
export function formatKubeconfig(options: KubeconfigOptions): string {
  const name = JSON.stringify(options.name ?? 'setpoint');
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  return `apiVersion: v1
kind: Config
current-context: ${name}
clusters:
- name: ${name}
  cluster:
    server: ${JSON.stringify(options.server)}
    certificate-authority-data: ${base64(options.authority)}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
users:
- name: ${name}
  user:
    client-certificate-data: ${base64(options.client.certificate)}
    client-key-data: ${base64(options.client.key)}
`;
}

/** Writes a kubeconfig that only its owner can read; readers see the old file or the new one, never half of it. */
export async function writeKubeconfig(path: string, options: KubeconfigOptions): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, formatKubeconfig(options), { mode: 0o600 });
    // An old temporary file keeps its mode when it is written again.
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (error) {
    // It may hold a key by now.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}
