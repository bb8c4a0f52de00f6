import { posix } from 'node:path';
import { fileName, importOf } from './api-files.ts';
import { addImports, isTaken, localNameOf } from './edit-imports.ts';
import {
  appendMember,
  constants,
  type Edit,
  endOf,
  hasMember,
  inStyle,
  type ObjectExpression,
  propertyOf,
  type Source,
  startOf,
  unwrapped,
  withEdits,
} from './edit-source.ts';
import type { ScaffoldFile } from './project-files.ts';
import { callsOf, type DeclaredKind, refersTo } from './project-sources.ts';

/** A version of a kind, as it is known to the module that puts versions together. */
export interface Version {
  readonly version: string;
  /** What its module calls it. */
  readonly name: string;
  readonly path: string;
  readonly members: readonly ('spec' | 'status')[];
}

/** Several versions of a kind in one CRD. */
export interface CrdOptions {
  readonly kind: string;
  readonly hub: Version;
  readonly storage: Version;
  readonly spokes: readonly Version[];
}

/** `FooCrd` */
export function crdName(kind: string): string {
  return `${kind}Crd`;
}

export function crdPath(kind: string): string {
  return `src/api/${fileName({ kind })}.ts`;
}

/** What is known of a version from its source. */
export function versionOf({ version = '', name, source, object }: DeclaredKind): Version {
  const members = (['spec', 'status'] as const).filter((member) => hasMember(object, member));
  return { version, name, path: source.path, members };
}

/** `FooV1beta1`: what a version is called beside others. */
function aliasOf(kind: string, { version }: Version): string {
  return `${kind}${version[0]?.toUpperCase()}${version.slice(1)}`;
}

/** The module that puts versions together, each field going where one of its name is. */
export function crdFile({ kind, hub, storage, spokes }: CrdOptions): ScaffoldFile {
  const imports = [hub, ...spokes]
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map((each) => importOf(`${each.name} as ${aliasOf(kind, each)}`, relativeTo(crdPath(kind), each.path)));
  const text = `${importOf('defineCrd, spoke', 'setpoint')}
${imports.join('\n')}

/** All versions of ${kind}: the API server asks the operator to convert one into another, by way of the hub. */
export const ${crdName(kind)} = defineCrd({
  storage: ${aliasOf(kind, storage)},
  hub: ${aliasOf(kind, hub)},
  spokes: [
${spokes.map((each) => `${spokeText(kind, hub, each, aliasOf(kind, hub)).replaceAll(/^/gm, '    ')},\n`).join('')}  ],
});
`;
  return { path: crdPath(kind), text };
}

function spokeText(kind: string, hub: Version, version: Version, hubName: string, alias = aliasOf(kind, version)) {
  const shared = hub.members.filter((member) => version.members.includes(member)).join(', ');
  const same = shared === '' ? '() => ({})' : `({ ${shared} }) => ({ ${shared} })`;
  return `spoke(${hubName}, ${alias}, {
  toHub: ${same},
  fromHub: ${same},
})`;
}

/** A test that what is written in one version comes back from each other one. */
export function roundTripTest(kind: string, crd: { readonly name: string; readonly path: string }): ScaffoldFile {
  const text = `${importOf('checkRoundTrips', '@setpoint/testing')}
${importOf('test', 'vitest')}
${importOf(crd.name, `../${crd.path}`)}

test('a ${kind} is the same after it was converted there and back', async () => {
  await checkRoundTrips(${crd.name});
});
`;
  return { path: `test/${fileName({ kind })}.conversion.test.ts`, text };
}

/** Where another version of a kind goes: beside its own, in the folder of the version. */
export function versionPath({ source, version }: DeclaredKind, to: string, kind: string): string {
  const parts = source.path.split('/');
  const at = parts.lastIndexOf(version ?? '');
  return at > 0 ? parts.with(at, to).join('/') : `src/api/${to}/${fileName({ kind })}.ts`;
}

/** The source of a version with another one in its place; undefined where it does not say the version as a text. */
export function otherVersion(declared: DeclaredKind, path: string, to: string): ScaffoldFile | undefined {
  const { source, object } = declared;
  const value = unwrapped(propertyOf(object, 'version')?.value);
  const text = value?.type === 'Identifier' ? constants(source).find(({ name }) => name === value.name)?.init : value;
  if (text?.type !== 'StringLiteral') return undefined;
  const quote = source.text[startOf(text)];
  const edits: Edit[] = [{ start: startOf(text), end: endOf(text), text: `${quote}${to}${quote}` }];
  for (const statement of source.body) {
    const from = 'source' in statement ? (statement.source as typeof text | null | undefined) : undefined;
    if (!from?.value.startsWith('.')) continue;
    const target = posix.join(posix.dirname(source.path), from.value);
    edits.push({ start: startOf(from) + 1, end: endOf(from) - 1, text: relativeTo(path, target) });
  }
  return { path, text: withEdits(source.text, edits) };
}

function relativeTo(path: string, target: string): string {
  const relative = posix.relative(posix.dirname(path), target);
  return relative.startsWith('.') ? relative : `./${relative}`;
}

/** A `defineCrd({ … })` of a project. */
export interface DeclaredCrd {
  readonly source: Source;
  readonly name: string;
  readonly object: ObjectExpression;
}

/** The one that has one of these versions. */
export function declaredCrd(sources: readonly Source[], versions: readonly Version[]): DeclaredCrd | undefined {
  for (const source of sources) {
    for (const { name, call } of callsOf(source, 'defineCrd')) {
      const object = unwrapped(call.arguments[0]);
      if (name === undefined || object?.type !== 'ObjectExpression') continue;
      const storage = propertyOf(object, 'storage')?.value;
      if (versions.some((version) => refersTo(source, storage, version))) return { source, name, object };
    }
  }
  return undefined;
}

/** What a further version does to a CRD. */
export interface Joining {
  readonly kind: string;
  readonly version: Version;
  /** All that the project has. */
  readonly versions: readonly Version[];
  readonly storage: boolean;
}

/** The source of a CRD with a version more, or stored in another one; undefined where it cannot be seen how. */
export function withVersion({ source, object }: DeclaredCrd, joining: Joining): string | undefined {
  const { kind, version, versions } = joining;
  const known = localNameOf(source, { name: version.name, from: version.path });
  const local = known ?? aliasOf(kind, version);
  if (known === undefined && isTaken(source, local)) return undefined;
  const edits: Edit[] = [];
  const hubNode = propertyOf(object, 'hub')?.value;
  const list = unwrapped(propertyOf(object, hubNode ? 'spokes' : 'versions')?.value);
  if (list?.type !== 'ArrayExpression') return undefined;
  const items = list.elements.filter((element) => element !== null);
  const hub = versions.find((each) => refersTo(source, hubNode, each));
  if (hubNode && !hub) return undefined;
  const present =
    refersTo(source, hubNode, version) ||
    items.some((item) => refersTo(source, memberOf(item, hub !== undefined), version));
  if (!present) {
    const hubName = hub && (unwrapped(hubNode) as { readonly name: string }).name;
    const text = hub && hubName ? inStyle(spokeText(kind, hub, version, hubName, local), source.style) : local;
    edits.push(...addImports(source, [{ name: version.name, local, from: version.path }]));
    if (hub) edits.push(...addImports(source, [{ name: 'spoke', from: 'setpoint' }]));
    edits.push(...appendMember(source, list, items, text));
  }
  if (joining.storage) edits.push(...stored(object, local));
  return withEdits(source.text, edits);
}

/** Of `spoke(Hub, Version, …)` the version; of `{ kind: Version, served: false }` too. */
function memberOf(item: unknown, spokes: boolean): unknown {
  const value = unwrapped(item);
  if (spokes) return value?.type === 'CallExpression' ? value.arguments[1] : undefined;
  return value?.type === 'ObjectExpression' ? propertyOf(value, 'kind')?.value : value;
}

function stored(object: ObjectExpression, local: string): readonly Edit[] {
  const value = propertyOf(object, 'storage')?.value;
  const { name } = (unwrapped(value) ?? {}) as { readonly name?: string };
  return value === undefined || name === local ? [] : [{ start: startOf(value), end: endOf(value), text: local }];
}

/** Whether the hub of a CRD is this version; undefined where it has none. */
export function hubIs({ source, object }: DeclaredCrd, version: Version): boolean | undefined {
  const hub = propertyOf(object, 'hub')?.value;
  return hub && refersTo(source, hub, version);
}

/** A sample of one version, as one of another. */
export function otherSample(text: string, from: string, to: string): string {
  return text
    .replaceAll(/^(apiVersion:\s*["']?[^\s"'/]+\/)([^\s"'/]+)/gm, (line, start: string, version: string) =>
      version === from ? `${start}${to}` : line,
    )
    .replaceAll(/^( {2}name:\s*["']?)([^\s"']+)/gm, (_, start: string, name: string) => {
      const plain = name.endsWith(`-${from}`) ? name.slice(0, -from.length - 1) : name;
      return `${start}${plain}-${to}`;
    });
}
