import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlPlane, type ControlPlaneOptions, createControlPlane } from '@setpoint/controlplane';
import { type Client, createClient, loadConfig } from 'setpoint/client';
import { onTestFinished } from 'vitest';
import { main } from '../src/main.ts';

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A project of this folder. */
export function project(name: string): string {
  return join(import.meta.dirname, 'projects', name);
}

/** Runs a command line in this process. */
export async function command(...argv: readonly string[]): Promise<Result> {
  let out = '';
  let err = '';
  const stop = new AbortController();
  const output = {
    out: (text: string) => {
      out += text;
      // What runs until it is stopped has said all it has to say once it is ready.
      if (text.startsWith('ready ')) setImmediate(() => stop.abort());
    },
    err: (text: string) => {
      err += text;
    },
  };
  const code = await main(argv, output, () => stop.signal);
  return { code, out, err };
}

/** A folder that goes with the test. */
export function temporaryFolder(inside: string = tmpdir()): string {
  const folder = mkdtempSync(join(inside, 'setpoint-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Cluster {
  readonly controlPlane: ControlPlane;
  readonly url: string;
  readonly kubeconfig: string;
  readonly client: Client;
}

/** A control plane that listens, and goes with the test. */
export async function cluster(options: ControlPlaneOptions = {}): Promise<Cluster> {
  const kubeconfig = join(temporaryFolder(), 'kubeconfig');
  const controlPlane = createControlPlane(options);
  const { url } = await controlPlane.listen({ kubeconfig });
  const client = createClient({ config: await loadConfig({ kubeconfig }) });
  onTestFinished(async () => {
    await client.close();
    await controlPlane.close();
  });
  return { controlPlane, url, kubeconfig, client };
}

/** A kubeconfig of somebody with a token. */
export function kubeconfigOf(name: string, token: string, server: string): string {
  const file = join(temporaryFolder(), 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'insecure-skip-tls-verify': true } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: { token } }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}
