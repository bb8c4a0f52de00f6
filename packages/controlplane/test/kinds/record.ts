// Records what a real kube-apiserver answers to cases.yaml: node record.ts KUBECONFIG
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { type Answer, normalise, readExchanges } from './exchange.ts';

const kubeconfig = process.argv[2];
if (!kubeconfig) {
  console.error('usage: record.ts KUBECONFIG');
  process.exit(2);
}

const view = spawnSync(
  'kubectl',
  ['--kubeconfig', kubeconfig, 'config', 'view', '--raw', '--flatten', '--minify', '-o', 'json'],
  { encoding: 'utf8' },
);
const { clusters, users } = JSON.parse(view.stdout);
const bytes = (text: string) => Buffer.from(text, 'base64');
const credentials = {
  ca: bytes(clusters[0].cluster['certificate-authority-data']),
  cert: bytes(users[0].user['client-certificate-data']),
  key: bytes(users[0].user['client-key-data']),
};

const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kinds-fixtures' } };
await send('POST', '/api/v1/namespaces', namespace);
const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
await send('POST', '/api/v1/namespaces/kinds-fixtures/serviceaccounts', account);
const answers: Record<string, Answer> = {};
const created: string[] = [];
for (const { name, method, path, body, headers } of readExchanges()) {
  const answer = await send(method, path, body, headers);
  answers[name] = { ...answer, body: normalise(answer.body) };
  const named = (body as { metadata?: { name: string } } | undefined)?.metadata?.name;
  if (method === 'POST' && answer.status < 300) created.push(`${path}/${encodeURIComponent(named ?? '')}`);
}
for (const path of created.reverse()) await remove(path);
writeFileSync(join(import.meta.dirname, 'answers.json'), `${JSON.stringify(answers, null, 1)}\n`);
console.log(`${Object.keys(answers).length} answers recorded`);

/** Nobody runs the controllers that take finalizers away. */
async function remove(path: string): Promise<void> {
  const { body } = await send('DELETE', path, { gracePeriodSeconds: 0, propagationPolicy: 'Background' });
  const left = body as { kind: string; metadata?: { finalizers?: string[] }; spec?: object };
  if (left.kind === 'Namespace') await send('PUT', `${path}/finalize`, { ...left, spec: { finalizers: [] } });
  else if (left.metadata?.finalizers)
    await send('PUT', path, { ...left, metadata: { ...left.metadata, finalizers: [] } });
}

function send(
  method: string,
  path: string,
  body: unknown,
  given: Readonly<Record<string, string>> = { 'content-type': 'application/json', accept: 'application/json' },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = { ...given, 'content-length': Buffer.byteLength(text) };
    const sent = request(`${clusters[0].cluster.server}${path}`, { ...credentials, method, headers }, (response) => {
      let reply = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        reply += chunk;
      });
      response.on('end', () => {
        const warning = response.headers.warning;
        const warnings = warning ? [warning].flat().map(String) : [];
        resolve({ status: response.statusCode ?? 0, warnings, body: JSON.parse(reply) });
      });
    });
    sent.on('error', reject);
    sent.end(text);
  });
}
