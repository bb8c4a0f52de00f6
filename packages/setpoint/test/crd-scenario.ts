/**
 * Every example CRD is accepted by a server, which then takes the valid objects and refuses the others, each for the
 * reason that is expected. Takes a kubeconfig; runs on a kube-apiserver and on the embedded control plane alike, and
 * answers with the CRDs that the latter cannot serve yet (501).
 */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient, loadConfig } from '../src/client/index.ts';
import { isApiError, isNotFound, isNotImplemented } from '../src/errors/index.ts';
import { CustomResourceDefinition } from '../src/kinds/builtin/apiextensions.k8s.io/v1.ts';
import { crdManifest } from '../src/manifests/index.ts';
import { type CrdExample, crdExamples } from './crd-examples.ts';

/** Answers with the names of the CRDs that the server said 501 to. */
export async function everyExampleIsServed(kubeconfig: string): Promise<readonly string[]> {
  await using client = createClient({ config: await loadConfig({ kubeconfig }), fieldManager: 'crd-examples' });
  const named = crdExamples.map((example) => ({ example, manifest: crdManifest(example.definition) }));
  const passedOver: string[] = [];
  // All at once: a server takes seconds to serve a new kind, and serves them side by side.
  await Promise.all(named.map(({ manifest }) => removed(client, manifest.metadata.name as string)));
  try {
    for (const { manifest } of named) {
      await client
        .create(CustomResourceDefinition, manifest as never, { fieldValidation: 'Strict' })
        .catch((error: unknown) => {
          if (!isNotImplemented(error)) throw error;
          passedOver.push(manifest.metadata.name as string);
        });
    }
    for (const { example, manifest } of named)
      if (!passedOver.includes(manifest.metadata.name as string)) await checkObjects(client, example);
  } finally {
    await Promise.all(named.map(({ manifest }) => removed(client, manifest.metadata.name as string)));
  }
  return passedOver;
}

async function removed(client: Client, name: string): Promise<void> {
  await client.delete(CustomResourceDefinition, { name }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
  for (let tries = 0; tries < 100; tries++) {
    const found = await client.get(CustomResourceDefinition, { name }).catch(() => undefined);
    if (!found) return;
    await delay(100);
  }
  assert.fail(`${name} is still there`);
}

async function checkObjects(client: Client, { definition, valid, invalid }: CrdExample): Promise<void> {
  const kind = 'storage' in definition ? definition.storage : definition;
  const metadata = { name: 'example', ...(kind.scope === 'Namespaced' ? { namespace: 'default' } : {}) };
  for (let tries = 0; ; tries++) {
    const listed = await client.list(kind).then(
      () => true,
      (error: unknown) => (tries < 100 && isNotFound(error) ? false : Promise.reject(error)),
    );
    if (listed) break;
    await delay(100);
  }
  const create = (object: object) =>
    client.create(kind, { ...object, metadata }, { dryRun: true, fieldValidation: 'Strict' });
  for (const object of valid) await create(object);
  for (const [object, said] of invalid) {
    const error = await create(object).then(
      () => assert.fail(`${kind.kind} ${JSON.stringify(object)} was accepted`),
      (reason: unknown) => reason,
    );
    assert.ok(isApiError(error), String(error));
    assert.ok(error.status.message?.includes(said), `${error.status.message} does not speak of ${said}`);
  }
}
