/** A line: its indentation, a dash if it begins an item, a key, and what is left. */
const linePattern = /^( *)(- )?(?:([A-Za-z][A-Za-z0-9.-]*):(?: (?=[^ ])|$))?(.*)$/;
/** YAML 1.1 reads these as something else than text; what begins with a letter is text otherwise. */
const words = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const text = /^[A-Za-z/][A-Za-z0-9+/=_.:@%-]*(?<!:)$/;

type Value = string | boolean | null | Value[] | { [key: string]: Value };

interface Line {
  /** Column of the key or the value; that of a dash is two less. */
  readonly column: number;
  readonly dash: boolean;
  readonly key: string | undefined;
  readonly rest: string;
}

/** Not what is read here; the parser for all of YAML tells what it is. */
class Unusual extends Error {}

/**
 * Reads JSON, and YAML of the plain kind that kubectl writes: blocks of mappings and lists, with texts that need no
 * thought. Undefined for everything else, also for what is wrong. The parser for all of YAML takes 25 ms of a start.
 */
export function parsePlainYaml(source: string): unknown {
  if (/^\s*\{/.test(source)) return parseJson(source);
  try {
    const lines = source.split('\n').flatMap((line) => (/^ *$/.test(line) ? [] : lineOf(line)));
    const reader = new Reader(lines);
    const value = reader.block(0);
    return reader.isAtEnd ? value : undefined;
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

/** As kubectl does with what begins as JSON; it may be a mapping of YAML in braces. */
function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

function lineOf(source: string): Line {
  const [, indentation = '', dash, key, rest = ''] = linePattern.exec(source) ?? [];
  if (key !== undefined && words.test(key)) throw new Unusual();
  return { column: indentation.length + (dash?.length ?? 0), dash: dash !== undefined, key, rest };
}

class Reader {
  readonly #lines: readonly Line[];
  #at = 0;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#lines.length;
  }

  /** The mapping or list that begins here, its keys or dashes at this column. */
  block(column: number): Value {
    const line = this.#lines[this.#at];
    if (line === undefined) throw new Unusual();
    return line.dash ? this.#list(column) : this.#mapping(column);
  }

  #list(column: number): Value[] {
    const items: Value[] = [];
    for (let line = this.#lines[this.#at]; line?.dash && line.column === column + 2; line = this.#lines[this.#at]) {
      if (line.key !== undefined) {
        items.push(this.#mapping(column + 2));
      } else {
        items.push(scalar(line.rest));
        this.#at++;
      }
    }
    if (items.length === 0) throw new Unusual();
    return items;
  }

  #mapping(column: number): Value {
    const members = new Map<string, Value>();
    let line = this.#lines[this.#at];
    // The first one may stand behind a dash.
    while (line?.column === column && (!line.dash || members.size === 0)) {
      const { key, rest } = line;
      if (key === undefined || members.has(key)) throw new Unusual();
      this.#at++;
      members.set(key, rest === '' ? this.#below(column) : scalar(rest));
      line = this.#lines[this.#at];
    }
    if (members.size === 0) throw new Unusual();
    return Object.fromEntries(members);
  }

  /** What belongs to a key without a value on its line; a list may stand as far to the left as the key. */
  #below(column: number): Value {
    const line = this.#lines[this.#at];
    if (line === undefined) return null;
    const start = line.dash ? line.column - 2 : line.column;
    if (start > column || (line.dash && start === column)) return this.block(start);
    return null;
  }
}

function scalar(source: string): Value {
  if (source === 'true' || source === 'false') return source === 'true';
  if (source === 'null') return null;
  if (source === '{}') return {};
  if (source === '[]') return [];
  if (text.test(source) && !words.test(source)) return source;
  const quoted = /^"([^"\\]*)"$/.exec(source) ?? /^'([^']*)'$/.exec(source);
  if (quoted?.[1] === undefined || /[^ -~]/.test(quoted[1])) throw new Unusual();
  return quoted[1];
}
