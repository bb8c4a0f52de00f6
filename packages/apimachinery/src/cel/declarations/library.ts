import type { Macro } from '../syntax/index.ts';
import {
  anyType,
  boolType,
  bytesType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  objectType,
  opaqueType,
  optionalType,
  stringType,
  type Type,
  timestampType,
  typeOfType,
  typeParameter,
  uintType,
} from '../types/index.ts';
import type { FunctionDeclaration, OverloadDeclaration } from './model.ts';

/**
 * Functions, types and macros that come together.
 *
 * `functions` has a line for every overload: the function's name, the overload's id and its signature. `(int) -> string`
 * is called `f(x)`, `list(T).(int) -> T` is called `list.f(x)`. One capital letter is a type parameter.
 */
export interface Library {
  readonly name: string;
  /** The types that have a name in expressions, such as `net.IP`. */
  readonly types: readonly Type[];
  readonly macros: readonly Macro[];
  readonly functions: string;
}

const authorization = (name: string): Type => objectType(`kubernetes.authorization.${name}`);

const named: ReadonlyMap<string, Type> = new Map([
  ['any', anyType],
  ['bool', boolType],
  ['bytes', bytesType],
  ['double', doubleType],
  ['duration', durationType],
  ['dyn', dynType],
  ['int', intType],
  ['null', nullType],
  ['string', stringType],
  ['timestamp', timestampType],
  ['uint', uintType],
  ['Quantity', objectType('kubernetes.Quantity')],
  ['Semver', objectType('kubernetes.Semver')],
  ['URL', objectType('kubernetes.URL')],
  ['NamedFormat', objectType('kubernetes.NamedFormat')],
  ['net.IP', opaqueType('net.IP')],
  ['net.CIDR', opaqueType('net.CIDR')],
  ...['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map((name): [string, Type] => [
    name,
    authorization(name),
  ]),
]);

const generic: Readonly<Record<string, (...parameters: [Type, Type]) => Type>> = {
  list: listType,
  map: mapType,
  optional_type: (value) => optionalType(value),
  type: typeOfType,
};

/** Splits at the commas that are in no parentheses. */
const splitArguments = (text: string): string[] => {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if ((text[i] === ',' || i === text.length) && depth === 0) {
      const part = text.slice(start, i).trim();
      if (part !== '') parts.push(part);
      start = i + 1;
    }
  }
  return parts;
};

/** The type a signature names: `list(T)`, `map(string, dyn)`, `Quantity`. */
export const parseType = (text: string): Type => {
  if (/^[A-Z]$/.test(text)) return typeParameter(text);
  const open = text.indexOf('(');
  if (open < 0) {
    const type = named.get(text);
    if (type === undefined) throw new Error(`no type is called ${text}`);
    return type;
  }
  const make = generic[text.slice(0, open)];
  if (make === undefined) throw new Error(`no generic type is called ${text}`);
  return make(...(splitArguments(text.slice(open + 1, -1)).map(parseType) as [Type, Type]));
};

const line = /^(\S+) (\S+) (?:(.+)\.)?\((.*)\) -> (.+)$/;

const parseOverload = (text: string): { name: string; overload: OverloadDeclaration } => {
  const match = line.exec(text);
  if (match === null) throw new Error(`no signature: ${text}`);
  const [, name = '', id = '', target, args = '', result = ''] = match;
  const types = splitArguments(args).map(parseType);
  const member = target !== undefined;
  const overload = { id, member, args: member ? [parseType(target), ...types] : types, result: parseType(result) };
  return { name, overload };
};

/** The functions that libraries declare together, in their order, by name. */
export const libraryFunctions = (libraries: readonly Library[]): ReadonlyMap<string, FunctionDeclaration> => {
  const functions = new Map<string, { readonly name: string; readonly overloads: OverloadDeclaration[] }>();
  for (const library of libraries) {
    for (const text of library.functions.trim().split('\n')) {
      const { name, overload } = parseOverload(text.trim());
      const known = functions.get(name);
      if (known === undefined) functions.set(name, { name, overloads: [overload] });
      else known.overloads.push(overload);
    }
  }
  return functions;
};
