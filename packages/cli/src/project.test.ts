import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, temporaryFolder } from '../test/command.ts';
import { findProject, loadOperator } from './project.ts';

function projectOf(manifest: string, ...files: readonly (readonly [string, string])[]): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'package.json'), manifest);
  for (const [file, text] of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

test('package.json may name the module of the operator', () => {
  const folder = projectOf('{"setpoint":{"operator":"lib/it.js"}}', ['lib/it.js', ''], ['src/operator.ts', '']);
  expect(findProject(folder)).toEqual({ folder, entry: join(folder, 'lib/it.js') });
});

test('sources are preferred to what was compiled from them', () => {
  const folder = projectOf('{}', ['dist/operator.js', ''], ['src/operator.ts', '']);
  expect(findProject(folder).entry).toBe(join(folder, 'src/operator.ts'));
});

test.for([
  ['{"setpoint":{"operator":"lib/it.js"}}', 'names lib/it.js as the operator, and there is no such file'],
  ['{"setpoint":{"operator":7}}', 'setpoint.operator has to be the path of a module'],
  ['{"setpoint":', 'package.json is not valid JSON'],
  ['null', 'no operator found in'],
] as const)('a package.json of %s is told apart', ([manifest, says]) => {
  expect(() => findProject(projectOf(manifest))).toThrow(says);
});

test('a module that exports something else is told from one that exports nothing', async () => {
  await expect(loadOperator(findProject(project('not-an-operator')))).rejects.toThrow(
    'operator.ts has a default export that is no operator: write `export default operator({ … })`',
  );
  await expect(loadOperator(findProject(project('no-default')))).rejects.toThrow('operator.ts has no default export');
});
