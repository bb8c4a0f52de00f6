import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@setpoint/apimachinery/clock';
import { createControlPlane } from '@setpoint/controlplane';
import { inject, test } from 'vitest';
import { definition, seeds, type WireRequest } from './corpus.ts';
import { Wire, type WireAnswer } from './exchange.ts';
import { mutant } from './mutate.ts';

const cases = Number(process.env.SETPOINT_ORACLE_CASES ?? 2000);
const seed = process.env.SETPOINT_SEED ?? 'mutations';
const atOnce = 8;

interface Difference {
  readonly request: WireRequest;
  readonly embedded: WireAnswer;
  readonly real: WireAnswer;
}

async function prepare(wire: Wire): Promise<void> {
  const send = async (path: string, object: object, allowed: readonly number[]) => {
    const headers = { 'content-type': 'application/json' };
    const { status, text } = await wire.send({
      method: 'POST',
      path,
      headers,
      body: Buffer.from(JSON.stringify(object)),
    });
    if (!allowed.includes(status)) throw new Error(`POST ${path}: ${status} ${text}`);
    return status;
  };
  await send(
    '/api/v1/namespaces',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'mutations' } },
    [201, 409],
  );
  await send('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition, [201, 409]);
  for (const [path, object] of seeds) {
    for (let tries = 100; (await send(path, object, [201, 404, 409])) === 404 && tries > 0; tries--) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** The embedded one fails, or takes what the real one refuses; to say plainly that something is not built is allowed. */
function isWrong(embedded: number, real: number): boolean {
  if (embedded === 501) return false;
  if (embedded === 0 || embedded >= 500) return real !== 0 && real < 500;
  return embedded < 300 && real >= 400 && real < 500;
}

function shown({ request, embedded, real }: Difference): string {
  const { method, path, headers, body } = request;
  return `${method} ${path}\n  ${JSON.stringify(headers)}\n  ${body.toString('latin1').slice(0, 1500)}\n  embedded ${embedded.status} ${embedded.text.slice(0, 300)}\n  real     ${real.status} ${real.text.slice(0, 300)}`;
}

test(`the embedded server neither fails nor accepts where the real one refuses ${cases} mutated requests`, {
  timeout: 900_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'setpoint-mutations-'));
  await using controlPlane = createControlPlane({ controllers: [], allowPrivileged: false });
  const kubeconfig = join(folder, 'kubeconfig');
  await controlPlane.listen({ kubeconfig });
  const embedded = new Wire(kubeconfig);
  const real = new Wire(inject('realKubeconfig'));
  try {
    await Promise.all([embedded, real].map(prepare));
    const random = seededRandom(seed);
    const requests = Array.from({ length: cases }, () => mutant(random));
    const wrong: Difference[] = [];
    const counts: Record<string, number> = {};
    let next = 0;
    const work = async () => {
      while (next < requests.length) {
        const request = requests[next++] as WireRequest;
        const [here, there] = await Promise.all([embedded.send(request), real.send(request)]);
        const outcome = here.status === there.status ? 'same status' : `${here.status} for ${there.status}`;
        counts[outcome] = (counts[outcome] ?? 0) + 1;
        if (isWrong(here.status, there.status)) wrong.push({ request, embedded: here, real: there });
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    process.stdout.write(`mutations of seed '${seed}': ${JSON.stringify(counts)}\n`);
    if (wrong.length > 0) {
      const found = wrong.slice(0, 30).map(shown).join('\n\n');
      throw new Error(`${wrong.length} of ${requests.length} are answered wrongly, among them\n\n${found}`);
    }
  } finally {
    embedded.close();
    real.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
