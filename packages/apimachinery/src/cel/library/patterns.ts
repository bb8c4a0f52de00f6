import { RE2JS, type RE2JSSyntaxException } from 're2js';
import type { FunctionLibrary, PatternFunctions } from '../interpret/index.ts';
import { ArrayList, CelError, type Int, isInt, noSuchOverload, type Value } from '../values/index.ts';

/** `matches`, `find` and `findAll`: RE2, whose time does not depend on what users write. */

function compilePattern(pattern: string): RE2JS | CelError {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    return new CelError((error as RE2JSSyntaxException).message);
  }
}

const matches = (pattern: RE2JS, text: string): Value => pattern.matcher(text).find();

function find(pattern: RE2JS, text: string): Value {
  const matcher = pattern.matcher(text);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

/** As Go: an empty match right behind another one does not count. */
function findAll(pattern: RE2JS, text: string, limit: Int): Value {
  const matcher = pattern.matcher(text);
  const found: string[] = [];
  let end = -1;
  while ((limit < 0 || found.length < limit) && matcher.find()) {
    if (matcher.start() === matcher.end() && matcher.start() === end) continue;
    end = matcher.end();
    found.push(matcher.group() ?? '');
  }
  return new ArrayList(found);
}

/** Kubernetes' functions say more about a bad pattern than CEL's. */
const withPattern = (pattern: Value, prefix: string, use: (compiled: RE2JS) => Value): Value => {
  if (typeof pattern !== 'string') return noSuchOverload(pattern);
  const compiled = compilePattern(pattern);
  return compiled instanceof CelError ? new CelError(prefix + compiled.message) : use(compiled);
};

const illegal = 'Illegal regex: ';

export const patternFunctions: FunctionLibrary = {
  matches: {
    singleton: {
      accepts: (text) => typeof text === 'string',
      binary: (text, pattern) => withPattern(pattern, '', (compiled) => matches(compiled, text as string)),
    },
  },
  find: {
    overloads: {
      string_find_string: {
        binary: (text, pattern) => withPattern(pattern, illegal, (compiled) => find(compiled, text as string)),
      },
    },
  },
  findAll: {
    overloads: {
      string_find_all_string: {
        binary: (text, pattern) => withPattern(pattern, illegal, (compiled) => findAll(compiled, text as string, -1)),
      },
      string_find_all_string_int: {
        variadic: ([text, pattern, limit]) =>
          withPattern(pattern as Value, illegal, (compiled) => findAll(compiled, text as string, limit as Int)),
      },
    },
  },
};

/** With a constant pattern they are compiled once, and a bad one is found when the expression is planned. */
const compiledOnce =
  (use: (pattern: RE2JS, text: string, args: readonly Value[]) => Value) =>
  (pattern: string): ((args: readonly Value[]) => Value) | CelError => {
    const compiled = compilePattern(pattern);
    if (compiled instanceof CelError) return compiled;
    return (args) => (typeof args[0] === 'string' ? use(compiled, args[0], args) : noSuchOverload(args[0]));
  };

export const constantPatterns: PatternFunctions = {
  matches: compiledOnce(matches),
  find: compiledOnce(find),
  findAll: compiledOnce((pattern, text, [, , limit = -1]) =>
    isInt(limit) ? findAll(pattern, text, limit) : noSuchOverload(limit),
  ),
};
