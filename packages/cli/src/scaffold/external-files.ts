import { controllerName, fileName, importOf, variableName } from './api-files.ts';
import type { KindNames } from './names.ts';
import type { ScaffoldFile } from './project-files.ts';

/** A kind that others define, and from where it is imported. */
export interface ExternalOptions extends KindNames {
  readonly cluster: boolean;
  /** A door of the library such as `setpoint/apps/v1`, or a path from the root of the project. */
  readonly from: string;
}

/** Where `setpoint import` puts a kind that others define. */
export function externalPath({ group, version, kind }: KindNames): string {
  return `src/external/${group}/${version}/${fileName({ kind })}.ts`;
}

/** As a file of `src/<folder>` or `test` has to import what is of the project. */
export function fromSibling(from: string): string {
  return from.startsWith('src/') ? `../${from.slice('src/'.length)}` : from;
}

/** The controller of a kind that others define, and a test of it. */
export function externalFiles(options: ExternalOptions): readonly ScaffoldFile[] {
  const name = fileName(options);
  return [
    { path: `src/controllers/${name}.ts`, text: controllerFile(options) },
    { path: `test/${name}.test.ts`, text: testFile(options) },
  ];
}

function controllerFile(options: ExternalOptions): string {
  return `${importOf('controller', 'setpoint')}
${importOf(options.kind, fromSibling(options.from))}

export const ${controllerName(options)} = controller(${options.kind}, {
  async reconcile(${variableName(options)}, { log }) {
    log.info({ generation: ${variableName(options)}.metadata.generation }, 'reconciling ${fileName(options)}');
  },
});
`;
}

function testFile(options: ExternalOptions): string {
  const { group, version, kind, cluster } = options;
  const name = fileName(options);
  return `${importOf('runPass', '@setpoint/testing')}
${importOf('expect, test', 'vitest')}
${importOf(controllerName(options), `../src/controllers/${name}.ts`)}

const ${variableName(options)} = {
  apiVersion: '${group === '' ? version : `${group}/${version}`}',
  kind: '${kind}',
  metadata: { name: '${name}-sample'${cluster ? '' : `, namespace: 'default'`} },
};

test('a pass over a ${kind} writes nothing yet', async () => {
  const { outcome, writes } = await runPass(${controllerName(options)}, [${variableName(options)}]);
  expect(outcome.type).toBe('success');
  expect(writes).toEqual([]);
});
`;
}
