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

export function fileName({ kind }: ApiOptions): string {
  return kind.toLowerCase();
}

/** \`fooController\` */
export function controllerName({ kind }: ApiOptions): string {
  const [head = ''] = /^[A-Z]+(?![a-z])|^[A-Z]/.exec(kind) ?? [];
  return `${head.toLowerCase()}${kind.slice(head.length)}Controller`;
}

function kindFile({ group, version, kind, plural, ownPlural, cluster }: ApiOptions): string {
  return `${importOf('defineKind, type Resource', 'setpoint')}
${importOf('z', 'zod')}

export const ${kind} = defineKind({
  group: '${group}',
  version: '${version}',
  kind: '${kind}',
${ownPlural ? `  plural: '${plural}',\n` : ''}${cluster ? `  scope: 'Cluster',\n` : ''}  description: '${kind} is the Schema for the ${plural} API',
  spec: z.object({
    example: z.string().optional().describe('An example field of ${kind}: change it, or remove it'),
  }),
  status: z.object({
    observedGeneration: z.number().int().optional().describe('The generation that the controller has seen last'),
  }),
});
export type ${kind} = Resource<typeof ${kind}>;
`;
}

function controllerFile(options: ApiOptions): string {
  const { kind, version } = options;
  const name = fileName(options);
  return `${importOf('controller', 'setpoint')}
${importOf(kind, `../api/${version}/${name}.ts`)}

export const ${controllerName(options)} = controller(${kind}, {
  async reconcile(${name}, { status, log }) {
    log.info('reconciling ${name}');
    const { generation = 0 } = ${name}.metadata;
    await status.patch({ observedGeneration: generation });
  },
});
`;
}

function testFile(options: ApiOptions): string {
  const { group, version, kind, cluster } = options;
  const name = fileName(options);
  return `${importOf('runPass', '@setpoint/testing')}
${importOf('expect, test', 'vitest')}
${importOf(controllerName(options), `../src/controllers/${name}.ts`)}

const ${name} = {
  apiVersion: '${group}/${version}',
  kind: '${kind}',
  metadata: { name: '${name}-sample'${cluster ? '' : `, namespace: 'default'`}, generation: 3 },
  spec: { example: 'something' },
};

test('a ${kind} says which generation its controller has seen', async () => {
  const { outcome, object } = await runPass(${controllerName(options)}, [${name}]);
  expect(outcome.type).toBe('success');
  expect(object).toMatchObject({ status: { observedGeneration: 3 } });
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

/** In words, since who checks this source's own imports reads it as text. */
function importOf(names: string, from: string): string {
  return ['import', '{', names, '}', 'from', `'${from}';`].join(' ');
}
