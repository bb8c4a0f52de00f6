// node bench/definitions.ts: how long definitions with large schemas take to install, first and again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDocumentation, openApiName, openApiSchemas } from '@setpoint/apimachinery/kinds';
import { type Connection, open } from './lib/load.ts';
import { packedProject } from './lib/packed.ts';
import { median, startProgram } from './lib/process.ts';
import { atMost, type Figure, print, reported } from './lib/table.ts';

type Schema = Readonly<Record<string, unknown>>;
type Fields = Record<string, Schema>;

/** Sizes of definitions that are in use: a training job with its pod template, and a workflow with everything. */
const sizes = { '644 kB': 644_000, '2.8 MB': 2_800_000 };
const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const rounds = 3;
const limit = 1000;

/** What a structural schema keeps as it is. */
const kept = ['description', 'type', 'format', 'required', 'default', 'x-kubernetes-map-type'] as const;

const project = process.env.BENCH_PROJECT ?? packedProject();
const folder = mkdtempSync(join(tmpdir(), 'setpoint-bench-'));
try {
  const figures: Figure[] = [];
  for (const [name, size] of Object.entries(sizes)) figures.push(...(await measure(name, size)));
  print('Definitions with large schemas', figures);
  process.exitCode = figures.every((figure) => figure.met) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure(name: string, size: number): Promise<Figure[]> {
  const definition = definitionOf(await podTemplate(), size);
  const bytes = JSON.stringify(definition).length;
  const installs: number[] = [];
  const firsts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const kubeconfig = join(folder, 'kubeconfig');
    const cli = join(project, 'node_modules/@setpoint/cli/bin/setpoint.js');
    await using _server = await startProgram(
      process.execPath,
      [cli, 'controlplane', '--kubeconfig', kubeconfig],
      /^ready /,
    );
    const connection = open(kubeconfig);
    installs.push(await timed(() => install(connection, definition)));
    firsts.push(await timed(() => createJob(connection)));
    connection.close();
  }
  return [
    atMost(
      `install a definition of ${name} (${Math.round(bytes / 1000)} kB) until it is Established`,
      median(installs),
      limit,
      'ms',
    ),
    reported('the first object of it', median(firsts), 'ms'),
  ];
}

async function timed(action: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

async function install(connection: Connection, definition: object): Promise<void> {
  const created = await connection.request('POST', path, definition);
  if (created.status !== 201) throw new Error(`the definition was refused: ${created.text.slice(0, 1000)}`);
  const { text } = await connection.request('GET', `${path}/jobs.bench.setpoint.dev`);
  if (!text.includes('"Established"')) throw new Error('the definition is not established');
}

async function createJob(connection: Connection): Promise<void> {
  const body = { apiVersion: 'bench.setpoint.dev/v1', kind: 'Job', metadata: { name: 'a' }, spec: {} };
  const { status, text } = await connection.request(
    'POST',
    '/apis/bench.setpoint.dev/v1/namespaces/default/jobs',
    body,
  );
  if (status !== 201) throw new Error(`the object was refused: ${text.slice(0, 1000)}`);
}

/** As many pod templates as it takes. */
function definitionOf(template: Schema, size: number): object {
  const count = Math.max(1, Math.round(size / JSON.stringify(template).length));
  const properties = Object.fromEntries(Array.from({ length: count }, (_, i) => [`template${i}`, template]));
  const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', properties } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'jobs.bench.setpoint.dev' },
    spec: {
      group: 'bench.setpoint.dev',
      scope: 'Namespaced',
      names: { plural: 'jobs', kind: 'Job' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, subresources: { status: {} } },
      ],
    },
  };
}

/** The schema of PodTemplateSpec, structural and with its documentation, from the tables of the built-in kinds. */
async function podTemplate(): Promise<Schema> {
  const key = 'core/v1.PodTemplateSpec';
  const schemas = openApiSchemas(key, await loadDocumentation());
  return structural(schemas[openApiName(key)] as Schema, schemas);
}

/** References put in place, and what a structural schema may not have left out. */
function structural(schema: Schema, schemas: Fields): Schema {
  const [reference] = (schema.allOf as readonly { readonly $ref: string }[] | undefined) ?? [];
  const target = (schema.$ref as string | undefined) ?? reference?.$ref;
  if (target !== undefined) {
    const name = target.replace('#/components/schemas/', '');
    const described = schema.description === undefined ? {} : { description: schema.description };
    if (/ObjectMeta$|FieldsV1$/.test(name)) return { ...described, type: 'object' };
    return { ...structural(schemas[name] as Schema, schemas), ...described };
  }
  if (schema.oneOf !== undefined || schema.type === undefined) {
    return { description: schema.description, 'x-kubernetes-int-or-string': true };
  }
  const { properties, additionalProperties, items } = schema as {
    properties?: Fields;
    additionalProperties?: Schema;
    items?: Schema;
  };
  const own = Object.fromEntries(
    kept.flatMap((keyword) => (schema[keyword] === undefined ? [] : [[keyword, schema[keyword]]])),
  );
  const inner =
    properties && Object.entries(properties).map(([name, below]) => [name, structural(below, schemas)] as const);
  return {
    ...own,
    ...(inner ? { properties: Object.fromEntries(inner) } : {}),
    ...(additionalProperties ? { additionalProperties: structural(additionalProperties, schemas) } : {}),
    ...(items ? { items: structural(items, schemas) } : {}),
  };
}
