import { expect, test } from 'vitest';
import { addToOperator as add } from './edit-operator.ts';
import { parseSource } from './edit-source.ts';

const addition = { list: 'controllers', name: 'fooController', from: 'src/controllers/foo.ts' } as const;
const addToOperator = async (text: string, what: typeof addition) =>
  add(await parseSource('src/operator.ts', text), what);
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
  [
    'a comment behind the last of a list',
    `operator({\n  controllers: [\n    a, // first\n    b // second, and last\n  ]\n});`,
    `operator({\n  controllers: [\n    a, // first\n    b, // second, and last\n    fooController\n  ]\n});`,
  ],
  [
    'nothing but a comment in its list',
    `operator({\n\tcontrollers: [\n\t\t// none, yet\n\t],\n});`,
    `operator({\n\tcontrollers: [\n\t\t// none, yet\n\t\tfooController,\n\t],\n});`,
  ],
  [
    'a comment in its list',
    `operator({ controllers: [/* none */] });`,
    `operator({ controllers: [/* none */ fooController ] });`,
  ],
  [
    'a type',
    `(operator({ controllers: [] as Controller[] }));`,
    `(operator({ controllers: [fooController] as Controller[] }));`,
  ],
  [
    'lines as Windows ends them',
    `operator({\r\n  controllers: [\r\n    a,\r\n  ],\r\n});`,
    `operator({\r\n  controllers: [\r\n    a,\r\n    fooController,\r\n  ],\r\n});`,
  ],
])('a controller joins an operator with %s', async (_, before, after) => {
  const source = (call: string, imports = '') =>
    `import { operator } from 'setpoint';\n${imports}\nexport default ${call}\n`;
  const newline = before.includes('\r\n') ? '\r\n' : '\n';
  const changed = await addToOperator(source(before), addition);
  expect(changed).toBe(source(after, `${line}\n`).replace(`;\n${line}`, `;${newline}${line}`));
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
  ['a name that means something else', `import { fooController } from 'x';\nexport default operator({});`],
  ['a list as a method', `export default operator({ controllers() {} });`],
])('%s is left to a person', async (_, source) => {
  expect(await addToOperator(source, addition)).toBe(undefined);
});
