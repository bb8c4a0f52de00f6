import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Project } from '../project.ts';
import { type Addition, addToOperator, type Change, edited, parseSource } from '../scaffold/index.ts';

/** What becomes of the operator's module. */
export interface EntryChange {
  readonly changes: readonly Change[];
  /** What is left for a person to do; empty where there is nothing. */
  readonly advice: string;
}

/**
 * Names something in the operator, or says what to add to it where it is written in another form.
 *
 * @throws Failure if it cannot be parsed
 */
export async function inOperator({ folder, entry }: Project, addition: Addition): Promise<EntryChange> {
  const path = relative(folder, entry).replaceAll('\\', '/');
  const source = await parseSource(path, readFileSync(entry, 'utf8'));
  const after = addToOperator(source, addition);
  if (after !== undefined) return { changes: [edited(path, source.text, after)], advice: '' };
  const { list, name, from } = addition;
  return {
    changes: [],
    advice: `${path} does not say \`export default operator({ … })\` in a form that can be added to. Add this to it:\n\n  ${['import', '{', name, '}', 'from'].join(' ')} './${from.slice('src/'.length)}';\n  … ${list}: [${name}]\n`,
  };
}
