import { expect, test } from 'vitest';
import { scaffolded } from '../../test/scaffolded.ts';
import { findProject, loadOperator } from '../project.ts';

const foo = 'create webhook --group tutorial --version v1 --kind Foo';

async function withFoo() {
  const project = await scaffolded();
  await project.runs('create api --group tutorial --version v1 --kind Foo');
  return project;
}

test('default and validate join the controller of their kind, one by one, and nothing is changed twice', async () => {
  const project = await withFoo();
  expect(await project.runs(`${foo} --defaulting`)).toBe(
    'src/controllers/foo.ts changed\ntest/foo.webhook.test.ts written\n',
  );
  expect(await project.runs(`${foo} --defaulting --programmatic-validation`)).toContain('foo.ts changed');
  const before = project.files();
  expect(await project.runs(`${foo} --defaulting --validating`)).not.toMatch(/ (changed|written)$/m);
  expect(project.files()).toEqual(before);
  const { webhooks } = await loadOperator(findProject(project.folder));
  expect(webhooks).toMatchObject([
    { kind: { kind: 'Foo' }, default: expect.any(Function), validate: expect.any(Function) },
  ]);
});

test('a person keeps quotes, semicolons, comments, tabs and line ends', async () => {
  const project = await withFoo();
  const written = (more: string) =>
    `import { controller } from "setpoint"\nimport { Foo as MyFoo } from "../api/v1/foo.js"\n\n// mine\nexport const mine = controller(MyFoo, {\n\tname: "mine", // so that it is\n\treconcile() {} // nothing\n${more}})\n`;
  const ends = (text: string) => text.replaceAll('\n', '\r\n');
  project.write('src/controllers/foo.ts', ends(written('')));
  await project.runs(`${foo} --validating`);
  expect(project.read('src/controllers/foo.ts')).toBe(
    ends(
      written(
        `\tvalidate(_foo) {\n\t\tconst problems: string[] = []\n\t\t// What is wrong with it, a sentence for each: if (…) problems.push('spec.… must be …');\n\t\treturn problems\n\t}\n`,
      ).replace('{} // nothing', '{}, // nothing'),
    ),
  );
});

test('a kind of Kubernetes has a webhook of its own, and the operator serves it', async () => {
  const project = await withFoo();
  expect(await project.runs('create webhook --group core --version v1 --kind Pod --validating')).toBe(
    'src/webhooks/pod.ts written\ntest/pod.webhook.test.ts written\nsrc/operator.ts changed\n',
  );
  await project.runs('create webhook --group core --version v1 --kind Pod --defaulting');
  const { webhooks } = await loadOperator(findProject(project.folder));
  expect(webhooks).toMatchObject([
    { kind: { kind: 'Pod' }, default: expect.any(Function), validate: expect.any(Function) },
  ]);
});

test('a declaration that cannot be seen is left alone, and what to add is said', async () => {
  const project = await withFoo();
  const text = `import { controller } from 'setpoint';
import { Foo } from '../api/v1/foo.ts';

const mine = { reconcile() {} };
export const fooController = controller(Foo, mine);
`;
  project.write('src/controllers/foo.ts', text);
  expect(await project.runs(`${foo} --defaulting`)).toContain('Add this to it:\n\n  default(_foo) {');
  expect(project.read('src/controllers/foo.ts')).toBe(text);
});

test.each([
  ['', 2, 'say which webhook: --defaulting, --validating, --conversion, or several of them'],
  ['--conversion', 1, 'Foo has only the version v1'],
  [
    '--defaulting --kind Bar',
    1,
    'there is no Bar of tutorial.my.domain/v1 in this project (there is Foo tutorial.my.domain/v1)',
  ],
  ['--conversion --group apps --kind Deployment', 1, 'who defines Deployment converts it'],
  ['--defaulting --group autoscaling --kind HorizontalPodAutoscaler', 1, 'there is no HorizontalPodAutoscaler'],
])('refuses %j in a sentence and writes nothing', async (flags, code, message) => {
  const project = await withFoo();
  const before = project.files();
  const result = await project.run(...foo.split(' '), ...flags.split(' ').filter(Boolean));
  expect(result.code).toBe(code);
  expect(result.err).toMatch(/^setpoint: [^\n]+\n$/);
  expect(result.err).toContain(message);
  expect(project.files()).toEqual(before);
});

test('a source that cannot be parsed is named with its line, and nothing is written', async () => {
  const project = await withFoo();
  project.write('src/controllers/foo.ts', `import { controller } from 'setpoint';\nexport const x = controller(;\n`);
  const before = project.files();
  const { code, err } = await project.run(...foo.split(' '), '--defaulting');
  expect(code).toBe(1);
  expect(err).toBe(
    'setpoint: src/controllers/foo.ts:2 cannot be parsed: Unexpected token. Mend it first; nothing was changed\n',
  );
  expect(project.files()).toEqual(before);
});
