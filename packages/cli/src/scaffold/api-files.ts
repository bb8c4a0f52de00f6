import type { ScaffoldFile } from './project-files.ts';

export interface ApiOptions {
  /** Whole, with the project's domain. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  /** Left out where it is what would be formed anyway. */
  readonly ownPlural: boolean;
  readonly cluster: boolean;
  readonly controller: boolean;
  /** Where the API was approved, which groups of Kubernetes must say. */
  readonly apiApproved?: string | undefined;
}

/** The files of a kind, and of its controller. */
export function apiFiles(options: ApiOptions): readonly ScaffoldFile[] {
  const { group, version, controller } = options;
  const name = fileName(options);
  const files = [
    { path: `src/api/${version}/${name}.ts`, text: kindFile(options) },
    { path: `config/samples/${group.split('.')[0]}_${version}_${name}.yaml`, text: sample(options) },
  ];
  if (!controller) return files;
  return [
    ...files,
    { path: `src/controllers/${name}.ts`, text: controllerFile(options) },
    { path: `test/${name}.test.ts`, text: testFile(options) },
  ];
}

export function fileName({ kind }: Pick<ApiOptions, 'kind'>): string {
  return kind.toLowerCase();
}

/** \`fooController\` */
export function controllerName({ kind }: Pick<ApiOptions, 'kind'>): string {
  const [head = ''] = /^[A-Z]+(?![a-z])|^[A-Z]/.exec(kind) ?? [];
  return `${head.toLowerCase()}${kind.slice(head.length)}Controller`;
}

function kindFile({ group, version, kind, plural, ownPlural, cluster, apiApproved }: ApiOptions): string {
  // A kind may have the name of what its file imports.
  const [imported, resource] = kind === 'Resource' ? ['Resource as Served', 'Served'] : ['Resource', 'Resource'];
  return `${importOf(`defineKind, type ${imported}`, 'setpoint')}
${importOf('z', 'zod')}

export const ${kind} = defineKind({
  group: '${group}',
  version: '${version}',
  kind: '${kind}',
${ownPlural ? `  plural: '${plural}',\n` : ''}${cluster ? `  scope: 'Cluster',\n` : ''}${apiApproved ? `  annotations: { 'api-approved.kubernetes.io': '${apiApproved}' },\n` : ''}  description: '${kind} is the Schema for the ${plural} API',
  spec: z.object({
    example: z.string().optional().describe('An example field of ${kind}: change it, or remove it'),
  }),
  status: z.object({
    observedGeneration: z.number().int().optional().describe('The generation that the controller has seen last'),
  }),
});
export type ${kind} = ${resource}<typeof ${kind}>;
`;
}

function controllerFile(options: ApiOptions): string {
  const { kind, version } = options;
  const object = variableName(options);
  return `${importOf('controller', 'setpoint')}
${importOf(kind, `../api/${version}/${fileName(options)}.ts`)}

export const ${controllerName(options)} = controller(${kind}, {
  async reconcile(${object}, { status, log }) {
    log.info('reconciling ${fileName(options)}');
    const { generation = 0 } = ${object}.metadata;
    await status.patch({ observedGeneration: generation });
  },
});
`;
}

function testFile(options: ApiOptions): string {
  const { group, version, kind, cluster } = options;
  const object = variableName(options);
  return `${importOf('runPass, testEnvironment', '@setpoint/testing')}
${importOf('expect, test', 'vitest')}
${importOf(kind, `../src/api/${version}/${fileName(options)}.ts`)}
${importOf(controllerName(options), `../src/controllers/${fileName(options)}.ts`)}
${importOf('operator', '../src/operator.ts').replace(/[{}] /g, '')}

const ${object} = {
  apiVersion: '${group}/${version}',
  kind: '${kind}',
  metadata: { name: '${fileName(options)}-sample'${cluster ? '' : `, namespace: 'default'`}, generation: 3 },
  spec: { example: 'something' },
} as const;

test('a pass says which generation it has seen', async () => {
  const { outcome, object } = await runPass(${controllerName(options)}, [${object}]);
  expect(outcome.type).toBe('success');
  expect(object).toMatchObject({ status: { observedGeneration: 3 } });
});

test('${kind} is reconciled when it is created and when it is changed', async () => {
  await using env = await testEnvironment({ kinds: [...operator.kinds, ...operator.crds] });
  await env.start(operator);
  await env.client.create(${kind}, ${object});
  await env.settled();
  expect(await env.client.get(${kind}, ${object}.metadata)).toMatchObject({ status: { observedGeneration: 1 } });
  await env.client.patch(${kind}, ${object}.metadata, { type: 'merge', body: { spec: { example: 'something else' } } });
  await env.settled();
  expect(await env.client.get(${kind}, ${object}.metadata)).toMatchObject({ status: { observedGeneration: 2 } });
});
`;
}

function sample(options: ApiOptions): string {
  const { group, version, kind, cluster } = options;
  return `apiVersion: ${group}/${version}
kind: ${kind}
metadata:
  name: ${fileName(options)}-sample
${cluster ? '' : '  namespace: default\n'}spec:
  example: something
`;
}

/** What an object is called in the code of its controller and test: the kind in lower case, unless that means something. */
export function variableName(options: Pick<ApiOptions, 'kind'>): string {
  const name = fileName(options);
  return taken.has(name) ? `${name}Object` : name;
}

/** Words of the language, and names that controller and test have in use. */
const taken: ReadonlySet<string> = new Set([
  ...['arguments', 'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default', 'delete'],
  ...['do', 'else', 'enum', 'eval', 'export', 'extends', 'false', 'finally', 'for', 'function', 'if', 'implements'],
  ...['import', 'in', 'instanceof', 'interface', 'let', 'new', 'null', 'package', 'private', 'protected', 'public'],
  ...['return', 'static', 'super', 'switch', 'this', 'throw', 'true', 'try', 'typeof', 'using', 'var', 'void', 'while'],
  ...['with', 'yield', 'controller', 'env', 'expect', 'generation', 'log', 'object', 'operator', 'outcome', 'status'],
  ...['test', 'undefined', 'writes'],
]);

/** In words, since who checks this source's own imports reads it as text. */
export function importOf(names: string, from: string): string {
  return ['import', '{', names, '}', 'from', `'${from}';`].join(' ');
}
