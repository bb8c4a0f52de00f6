// Checks that what a person can import is described: each export of each public door has a doc comment, and so has each
// member of its interfaces and classes whose name does not say all of it.
import { readFileSync } from 'node:fs';
import { runSourceCheck } from './lib/findings.ts';
import { doorsOf, type PublicMember, type PublicSymbol, publicSymbols } from './lib/public-symbols.ts';

const packages = ['packages/setpoint', 'packages/testing', 'packages/controlplane'];

/** Says what anybody expects of that name. */
const plainNames = new Set([
  ...['name', 'namespace', 'uid', 'kind', 'key', 'client', 'clock', 'random', 'log', 'signal', 'close'],
]);

/** A name and a type say enough of plain data; not of what is called, may be left out, or is counted in some unit. */
function speaksForItself({ name, callable, optional, numeric }: PublicMember): boolean {
  return plainNames.has(name) || !(callable || optional || numeric);
}

function complaintsAbout(symbol: PublicSymbol, named: (name: string) => PublicSymbol | undefined): string[] {
  const { name, file, line, comment, members, relatives } = symbol;
  const complaints = comment ? [] : [`${file}:${line}: ${name} is public and has no doc comment`];
  const described = (member: string) =>
    relatives.some((relative) => named(relative)?.members.find((other) => other.name === member)?.comment);
  for (const member of members) {
    if (member.comment || speaksForItself(member) || described(member.name)) continue;
    complaints.push(`${file}:${member.line}: ${name}.${member.name} is public and has no doc comment`);
  }
  return complaints;
}

/** All complaints about what the doors export, by the file in which it is declared. */
function complaintsOfDoors(doors: readonly string[], read: (file: string) => string): ReadonlyMap<string, string[]> {
  const symbols = publicSymbols(doors, read);
  const named = (name: string) => symbols.find((symbol) => symbol.name === name);
  const found = new Map<string, string[]>();
  for (const symbol of symbols) {
    found.set(symbol.file, [...(found.get(symbol.file) ?? []), ...complaintsAbout(symbol, named)]);
  }
  return found;
}

/** Each door says what is behind it, under the name by which it is imported. */
function complaintsAboutDoors(): string[] {
  return packages.flatMap((folder) => {
    const { name }: { name: string } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    return [...doorsOf(folder)].flatMap(([door, file]) => {
      const title = `@module ${name}${door.slice(1)}\n`;
      if (isGenerated(file) || readFileSync(file, 'utf8').includes(title)) return [];
      return [`${file}: has no comment with ${title.trim()}`];
    });
  });
}

/** What the types of Kubernetes say of themselves comes with them. */
function isGenerated(file: string): boolean {
  return file.includes('/builtin/');
}

const doors = packages.flatMap((folder) => [...doorsOf(folder).values()]).filter((file) => !isGenerated(file));
const complaints = complaintsOfDoors(doors, (file) => readFileSync(file, 'utf8'));

runSourceCheck(
  {
    unit: 'modules with public declarations',
    files: [...complaints.keys()],
    atLeast: 100,
    complaintsOf: (file, text) =>
      text === '' ? (complaints.get(file) ?? []) : [...complaintsOfDoors([file], () => text).values()].flat(),
    planted: [
      ['packages/setpoint/src/x.ts', 'export const a = 1;'],
      ['packages/setpoint/src/x.ts', '// Not a doc comment.\nexport function a() {}'],
      ['packages/setpoint/src/x.ts', 'interface A {}\nexport type { A };'],
      ['packages/setpoint/src/x.ts', '/** Said. */\nexport interface A { readonly after?: string }'],
      ['packages/setpoint/src/x.ts', '/** Said. */\nexport interface A { readonly after: number | undefined }'],
      ['packages/setpoint/src/x.ts', '/** Said. */\nexport type A = { act(): void };'],
      ['packages/setpoint/src/x.ts', '/** Said. */\nexport class A { act(): void {} }'],
    ],
    allowed: [
      ['packages/setpoint/src/x.ts', '/** Said. */\n// biome-ignore lint: said too\nexport const a = 1;'],
      [
        'packages/setpoint/src/x.ts',
        '/** Said. */\nexport interface A { readonly name?: string; readonly kept: string }',
      ],
      [
        'packages/setpoint/src/x.ts',
        '/** Said. */\nexport function a(): void;\nexport function a(b?: number): void {}',
      ],
      ['packages/setpoint/src/x.ts', '/** Said. */\nexport class A { readonly #b = 1; private c(): void {} }'],
      [
        'packages/setpoint/src/x.ts',
        '/** Said. */\nexport interface A { /** Said. */ b?: string }\n/** From {@link A}. */\nexport interface C { b?: string }',
      ],
    ],
  },
  () => '',
);

for (const complaint of complaintsAboutDoors()) {
  console.error(complaint);
  process.exitCode = 1;
}
