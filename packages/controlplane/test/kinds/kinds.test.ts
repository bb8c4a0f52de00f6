import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createControlPlane } from '../../src/index.ts';
import { type Answer, normalise, readExchanges } from './exchange.ts';

const recorded: Readonly<Record<string, Answer>> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'answers.json'), 'utf8'),
);

const controlPlane = createControlPlane({ seed: 'built-in kinds', admissionPlugins: { disable: ['ServiceAccount'] } });
afterAll(() => controlPlane.close());

async function send(
  method: string,
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json', accept: 'application/json' },
): Promise<Answer> {
  const response = await controlPlane.handle({
    method,
    url,
    headers,
    body: body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)),
    signal: AbortSignal.timeout(10_000),
  });
  const warning = response.headers.warning ?? response.headers.Warning;
  const text = Buffer.from(response.body as Uint8Array).toString();
  // Node joins repeated headers with a comma; so the recorded ones are.
  const warnings = warning === undefined || isOwnWarning(warning) ? [] : [[warning].flat().join(', ')];
  return { status: response.status, warnings, body: JSON.parse(text) };
}

/** What admission does is not built yet; that this is said is tested below. */
function isOwnWarning(warning: string | readonly string[]): boolean {
  return [warning].flat().every((text) => text.includes('the embedded control plane stores this object, but'));
}

describe('built-in kinds answer as kube-apiserver does', () => {
  beforeAll(async () => {
    await send('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'kinds-fixtures' },
    });
  });
  for (const { name, method, path, body, headers } of readExchanges()) {
    test(name, async () => {
      const answer = await send(method, path, body, headers);
      expect({ ...answer, body: normalise(answer.body) }).toEqual(recorded[name]);
    });
  }
});
