import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure, sentenceOf } from '../failure.ts';
import type { Output } from '../output.ts';
import type { ScaffoldFile } from './project-files.ts';

/** What is to become of one file. */
export interface Change {
  /** In the project, with `/`. */
  readonly path: string;
  /** The whole text; undefined where the file stays as it is. */
  readonly text?: string;
  /** What is told of it. */
  readonly outcome: 'written' | 'changed' | 'unchanged' | `is there and was changed: left alone${string}`;
}

/** Files that are written where they are missing; one that is there is never written over. */
export function missing(folder: string, files: readonly ScaffoldFile[]): readonly Change[] {
  return files.map(({ path, text }) => {
    const file = join(folder, path);
    if (!existsSync(file)) return { path, text, outcome: 'written' };
    const same = readFileSync(file, 'utf8') === text;
    return { path, outcome: same ? 'unchanged' : 'is there and was changed: left alone' };
  });
}

/** A source as it was read, and as it is to be. */
export function edited(path: string, before: string, after: string): Change {
  return before === after ? { path, outcome: 'unchanged' } : { path, text: after, outcome: 'changed' };
}

/**
 * Makes all changes, or none of them: what is written is first written beside its place, and what was there comes back
 * if anything fails. Then tells of each.
 *
 * @throws Failure where the folder cannot be written
 */
export function make(folder: string, changes: readonly Change[], output: Output): void {
  const written = changes.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));
  const undo: (() => void)[] = [];
  try {
    for (const { path, text } of written) undo.push(...draft(join(folder, path), text));
    for (const { path } of written) undo.push(replace(join(folder, path)));
  } catch (error) {
    for (const step of undo.reverse()) quietly(step);
    throw new Failure(`cannot write to ${folder}, and changed nothing: ${sentenceOf(error)}`, { cause: error });
  }
  for (const { path, outcome } of changes) output.out(`${path} ${outcome}\n`);
}

function draftOf(file: string): string {
  return `${file}.setpoint-draft`;
}

function draft(file: string, text: string): (() => void)[] {
  const made = mkdirSync(dirname(file), { recursive: true });
  const undo = made === undefined ? [] : foldersFrom(made, dirname(file)).map((folder) => () => rmdirSync(folder));
  writeFileSync(draftOf(file), text);
  return [...undo, () => rmSync(draftOf(file), { force: true })];
}

/** From the first that was made to the innermost. */
function foldersFrom(first: string, last: string): readonly string[] {
  return last.length <= first.length ? [first] : [...foldersFrom(first, dirname(last)), last];
}

function replace(file: string): () => void {
  const before = existsSync(file) ? readFileSync(file) : undefined;
  renameSync(draftOf(file), file);
  return () => (before === undefined ? rmSync(file) : writeFileSync(file, before));
}

function quietly(step: () => void): void {
  try {
    step();
  } catch {
    // What failed is told; what cannot be taken back is left.
  }
}
