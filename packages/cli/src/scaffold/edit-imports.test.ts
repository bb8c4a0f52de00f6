import { expect, test } from 'vitest';
import { addImports, type Import } from './edit-imports.ts';
import { parseSource, withEdits } from './edit-source.ts';

async function added(text: string, ...imports: readonly Import[]): Promise<string> {
  const source = await parseSource('src/api/foo.ts', text);
  return withEdits(text, addImports(source, imports));
}
const spoke = { name: 'spoke', from: 'setpoint' };
const foo = { name: 'Foo', local: 'FooV2', from: 'src/api/v2/foo.ts' };

test.each([
  [
    'joins the names of its module',
    `import { defineCrd } from 'setpoint';\n`,
    `import { defineCrd, spoke } from 'setpoint';\n`,
  ],
  [
    'is left out where it is there',
    `import { spoke as s } from 'setpoint';\n`,
    `import { spoke as s } from 'setpoint';\n`,
  ],
  [
    'does not join types',
    `import type { Crd } from "setpoint" // types\nlet a`,
    `import type { Crd } from "setpoint" // types\nimport { spoke } from "setpoint"\nlet a`,
  ],
  [
    'stays below a header where it is the first',
    `// Copyright\n\n/** Mine. */\nlet a = 'b';\n`,
    `// Copyright\n\nimport { spoke } from 'setpoint';\n\n/** Mine. */\nlet a = 'b';\n`,
  ],
])('an import %s', async (_, before, after) => {
  const changed = await added(before, spoke);
  expect(changed).toBe(after);
  expect(await added(changed, spoke)).toBe(changed);
});

test('a module of the project is named by its path from there, with the extension that others have', async () => {
  expect(await added(`import a from './v1/foo.ts';\n`, foo)).toContain(`import { Foo as FooV2 } from './v2/foo.ts';\n`);
  expect(await added(`import a from './v1/foo.js';\n`, foo)).toContain(`import { Foo as FooV2 } from './v2/foo.js';\n`);
});
