import { fileName, importOf, variableName } from './api-files.ts';
import { fromSibling } from './external-files.ts';
import type { KindNames } from './names.ts';
import type { ScaffoldFile } from './project-files.ts';

/** Which halves of a webhook there are to be. */
export interface WebhookHalves {
  readonly defaulting: boolean;
  readonly validating: boolean;
}

/** A kind, and from where it is imported. */
export interface WebhookKind extends KindNames {
  /** What its module calls it. */
  readonly name: string;
  /** A door of the library, or a path from the root of the project. */
  readonly from: string;
}

/** `podWebhook` */
export function webhookName({ name }: Pick<WebhookKind, 'name'>): string {
  const [head = ''] = /^[A-Z]+(?![a-z])|^[A-Z]/.exec(name) ?? [];
  return `${head.toLowerCase()}${name.slice(head.length)}Webhook`;
}

/** The members of a declaration that a webhook follows from, each as the text of a member. */
export function webhookMembers(kind: Pick<WebhookKind, 'kind'>): {
  readonly default: string;
  readonly validate: string;
} {
  const object = variableName(kind);
  return {
    default: `default(_${object}) {
  // Fill in what is missing, in place: it is called more than once, and must then find nothing to do.
}`,
    validate: `validate(_${object}) {
  const problems: string[] = [];
  // What is wrong with it, a sentence for each: if (…) problems.push('spec.… must be …');
  return problems;
}`,
  };
}

/** A webhook of a kind that has no controller here. */
export function webhookFile(path: string, kind: WebhookKind, halves: WebhookHalves): ScaffoldFile {
  const members = webhookMembers(kind);
  const wanted = [...(halves.defaulting ? [members.default] : []), ...(halves.validating ? [members.validate] : [])];
  const text = `${importOf('webhook', 'setpoint')}
${importOf(kind.name, fromSibling(kind.from))}

/** What the API server asks before it stores a ${kind.kind}. */
export const ${webhookName(kind)} = webhook(${kind.name}, {
${wanted.map((member) => `${member.replaceAll(/^/gm, '  ')},\n`).join('')}});
`;
  return { path, text };
}

/** What the test of a webhook is made of. */
export interface WebhookTest {
  readonly kind: WebhookKind;
  /** The declaration with the functions, and its module. */
  readonly declaration: { readonly name: string; readonly from: string };
  readonly halves: WebhookHalves;
  /** An object that the API server takes; without one, the functions are called by the test itself. */
  readonly sample?: object | undefined;
  /** Whether the plain name of the file is that of another version's test. */
  readonly besideOther?: boolean;
}

export function webhookTestPath(kind: WebhookKind, besideOther = false): string {
  return `test/${fileName(kind)}${besideOther ? `.${kind.version}` : ''}.webhook.test.ts`;
}

/** A test that goes through the API server where there is an object for it. */
export function webhookTest(test: WebhookTest): ScaffoldFile {
  const path = webhookTestPath(test.kind, test.besideOther);
  return { path, text: test.sample ? throughServer(test, test.sample) : byItself(test) };
}

function throughServer({ kind }: WebhookTest, sample: object): string {
  return `${importOf('testEnvironment', '@setpoint/testing')}
${importOf('expect, test', 'vitest')}
${importOf(kind.name, fromSibling(kind.from).replace('../', '../src/'))}
${importOf('operator', '../src/operator.ts').replace(/[{}] /g, '')}

test('a ${kind.kind} that nothing is wrong with is stored', async () => {
  await using env = await testEnvironment({ kinds: [...operator.kinds, ...operator.crds] });
  await env.start(operator);
  const sample = ${literal(sample, '  ')} as const;
  const { metadata } = await env.client.create(${kind.name}, sample);
  expect(metadata.name).toBe(sample.metadata.name);
});
`;
}

function byItself({ kind, declaration, halves }: WebhookTest): string {
  const object = variableName(kind);
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  const expectations = [
    ...(halves.defaulting ? [`  expect(${declaration.name}.default?.(${object}, {})).toBe(undefined);\n`] : []),
    ...(halves.validating ? [`  expect(${declaration.name}.validate?.(${object}, {})).toEqual([]);\n`] : []),
  ];
  return `${importOf('expect, test', 'vitest')}
${importOf(declaration.name, fromSibling(declaration.from).replace('../', '../src/'))}

test('a ${kind.kind} that nothing is wrong with is taken as it is', () => {
  const ${object} = { apiVersion: '${apiVersion}', kind: '${kind.kind}', metadata: { name: '${fileName(kind)}-sample' } };
  const before = structuredClone(${object});
${expectations.join('')}  expect(${object}).toEqual(before);
});
`;
}

/** Data as a person would write it in TypeScript. */
export function literal(value: unknown, indent = ''): string {
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, indent)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, member]) => `${keyText(name)}: ${literal(member, `${indent}  `)}`,
    );
    const line = `{ ${members.join(', ')} }`;
    if (members.length === 0) return '{}';
    if (line.length + indent.length < 90 && !line.includes('\n')) return line;
    return `{\n${members.map((member) => `${indent}  ${member},\n`).join('')}${indent}}`;
  }
  return typeof value === 'string' ? quotedText(value) : JSON.stringify(value);
}

/** A name of a member, in quotes where it needs them. */
export function keyText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : quotedText(name);
}

/** A string of TypeScript in single quotes. */
export function quotedText(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}
