import { expect, test } from 'vitest';
import { addToOperator } from './edit-operator.ts';

const addition = { list: 'controllers', name: 'fooController', module: './controllers/foo.ts' } as const;
const line = `import { fooController } from './controllers/foo.ts';`;

test.each([
  [
    'an empty list',
    `operator({ name: 'a', controllers: [] });`,
    `operator({ name: 'a', controllers: [fooController] });`,
  ],
  ['a list in one line', `operator({ controllers: [a, b] });`, `operator({ controllers: [a, b, fooController] });`],
  ['a trailing comma', `operator({ controllers: [a,] });`, `operator({ controllers: [a, fooController,] });`],
  ['no list', `operator({ name: 'a' });`, `operator({ name: 'a', controllers: [fooController] });`],
  ['nothing at all', `operator({});`, `operator({ controllers: [fooController] });`],
  [
    'a list with a line for each',
    `operator({\n  controllers: [\n    a, // first\n    b,\n  ],\n});`,
    `operator({\n  controllers: [\n    a, // first\n    b,\n    fooController,\n  ],\n});`,
  ],
  [
    'members with a line for each',
    `operator({\n  name: 'a',\n  kinds: [A],\n});`,
    `operator({\n  name: 'a',\n  kinds: [A],\n  controllers: [fooController],\n});`,
  ],
])('a controller joins an operator with %s', async (_, before, after) => {
  const source = (call: string, imports = '') =>
    `import { operator } from 'setpoint';\n${imports}\nexport default ${call}\n`;
  const changed = await addToOperator(source(before), addition);
  expect(changed).toBe(source(after, `${line}\n`));
  expect(await addToOperator(changed as string, addition)).toBe(changed);
});

test('the import is written as the others are', async () => {
  const source = `// mine\nimport { operator } from "setpoint"\nimport { a } from "./a.ts"\n\nexport default operator({ controllers: [a] })\n`;
  expect(await addToOperator(source, addition)).toBe(
    `// mine\nimport { operator } from "setpoint"\nimport { a } from "./a.ts"\nimport { fooController } from "./controllers/foo.ts"\n\nexport default operator({ controllers: [a, fooController] })\n`,
  );
});

test.each([
  ['a list that is computed', `export default operator({ controllers: all() });`],
  ['a declaration elsewhere', `const o = operator({});\nexport default o;`],
  ['another default', `export default {};`],
  ['a source that is none', `export default operator({`],
])('%s is left to a person', async (_, source) => {
  expect(await addToOperator(source, addition)).toBe(undefined);
});
