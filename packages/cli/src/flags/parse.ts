/** How a flag is written: `--name` alone (or `=true`, `=false`), or with a value. */
export type FlagForm = 'switch' | 'value';

/** The flags that a program knows, by name; a name of one letter is also written with one dash. */
export type FlagForms = ReadonlyMap<string, FlagForm>;

/** What was given, by name, in the order of the command line. */
export class GivenFlags {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** Every value, of a flag that may be repeated. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** The last value: where a flag holds one thing, the last one counts. */
  last(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  /** Every element of a list whose elements are separated by commas, in a flag that may be repeated. */
  list(name: string): readonly string[] {
    return this.all(name).flatMap((value) => (value === '' ? [] : value.split(',').map((one) => one.trim())));
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }
}

/** A command line that cannot be understood; the message names the flag. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

/**
 * Reads `--x=y`, `--x y`, `--switch`, `--switch=false` and, for names of one letter, `-v=2` and `-v 2`. As
 * kube-apiserver does, takes an underscore in a name for a dash.
 *
 * @throws FlagError naming a flag that is not known, has no value, or is no flag at all
 */
export function parseFlags(argv: readonly string[], forms: FlagForms): GivenFlags {
  const values = new Map<string, string[]>();
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string;
    const [, dashes, written = '', equals, given = ''] = /^(--?)([^=\s]+)(=?)(.*)$/s.exec(argument) ?? [];
    if (dashes === undefined) throw new FlagError(`takes no arguments, and got ${JSON.stringify(argument)}`);
    const name = written.replaceAll('_', '-');
    const form = dashes === '--' || name.length === 1 ? forms.get(name) : undefined;
    if (form === undefined) throw new FlagError(`unknown flag: ${dashes}${written}`);
    const next = argv[i + 1];
    let value = given;
    if (equals === '') {
      if (form === 'switch') value = 'true';
      else if (next === undefined) throw new FlagError(`flag needs an argument: ${dashes}${written}`);
      else {
        value = next;
        i++;
      }
    }
    if (form === 'switch' && !/^(true|false|1|0|t|f|TRUE|FALSE|T|F|True|False)$/.test(value))
      throw new FlagError(`invalid argument ${JSON.stringify(value)} for --${name}: it is true or false`);
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return new GivenFlags(values);
}

/** What a switch was set to, if it was. */
export function switchOf(flags: GivenFlags, name: string): boolean | undefined {
  const value = flags.last(name);
  return value === undefined ? undefined : /^(1|t)/i.test(value);
}
