import { type Findings, find, neverParsed, noFindings } from './findings.ts';
import type { SchemaErrorCode } from './schema-error.ts';

/** As much of a zod schema as is looked at; zod itself is not imported. */
interface ZodLike {
  readonly _zod: { readonly def: ZodDefinition };
}

interface ZodDefinition {
  readonly type: string;
  readonly coerce?: boolean;
  readonly check?: string;
  readonly format?: string;
  readonly pattern?: RegExp;
  readonly version?: string;
  readonly checks?: readonly ZodLike[];
  readonly shape?: Readonly<Record<string, ZodLike>>;
  readonly catchall?: ZodLike;
  readonly element?: ZodLike;
  readonly keyType?: ZodLike;
  readonly valueType?: ZodLike;
  readonly options?: readonly ZodLike[];
  readonly left?: ZodLike;
  readonly right?: ZodLike;
  readonly innerType?: ZodLike;
  readonly getter?: () => ZodLike;
  readonly in?: ZodLike;
  readonly out?: ZodLike;
}

export function isZod(source: unknown): source is ZodLike {
  return typeof source === 'object' && source !== null && '_zod' in source;
}

/** Types of zod that a CRD has not, and what to write instead. */
const refusedTypes: Readonly<Record<string, readonly [SchemaErrorCode, string, string]>> = {
  transform: [
    'ParsingOnly',
    `a transform only exists in parsing: ${neverParsed}`,
    'describe the value as it is stored and convert it in reconcile',
  ],
  pipe: [
    'ParsingOnly',
    `a pipe (transform, preprocess, codec) only exists in parsing: ${neverParsed}`,
    'describe the value as it is stored and convert it in reconcile',
  ],
  catch: ['ParsingOnly', `catch only exists in parsing: ${neverParsed}`, 'use .default(…) for a missing value'],
  success: ['ParsingOnly', `success only exists in parsing: ${neverParsed}`, 'use z.boolean()'],
  promise: ['NotJson', 'a promise is no JSON', 'describe the value itself'],
  date: ['NotJson', 'a Date is no JSON', 'write z.iso.datetime() and keep the string'],
  bigint: ['NotJson', 'a bigint is no JSON', 'write z.int().meta(int64())'],
  map: ['NotJson', 'a Map is no JSON', 'write z.record(z.string(), …)'],
  set: ['NotJson', 'a Set is no JSON', 'write z.array(…).meta(listSet())'],
  symbol: ['NotJson', 'a symbol is no JSON', 'write z.string()'],
  undefined: ['NotJson', 'undefined is no JSON', 'leave the member out, or use .optional()'],
  void: ['NotJson', 'void is no JSON', 'leave the member out'],
  nan: ['NotJson', 'NaN is no JSON', 'write z.number()'],
  function: ['NotJson', 'a function is no JSON', 'leave the member out'],
  file: ['NotJson', 'a File is no JSON', 'write z.base64()'],
  custom: [
    'NotJson',
    'a custom or instanceof schema says nothing that a CRD could hold to',
    'describe the value with other schemas, or write z.unknown().meta(preserveUnknown())',
  ],
  never: ['Keyword', 'the schema allows no value at all', 'leave the member out of the schema'],
  tuple: [
    'Tuple',
    'a CRD has no tuples',
    'write an object with a named member for each position, or a list of one type',
  ],
};

const ownPatterns: ReadonlySet<string | undefined> = new Set([
  'email',
  'url',
  'uuid',
  'guid',
  'ipv4',
  'ipv6',
  'base64',
  'datetime',
  'date',
  'hostname',
  'mac',
]);

/**
 * Looks through a zod schema for what its JSON Schema would not show: features that only exist in parsing vanish
 * from it without a word, as do the flags of patterns.
 */
export function inspectZod(root: ZodLike, path: string): Findings {
  const findings = noFindings();
  const seen = new Set<ZodLike>();
  const refuse: Refuse = (at, code, message, advice) => find(findings, at, code, message, advice);
  const visitCheck = (definition: ZodDefinition, at: string) => inspectCheck(definition, at, findings, refuse);
  const visit = (schema: ZodLike, at: string) => {
    if (seen.has(schema)) return;
    seen.add(schema);
    const { def } = schema._zod;
    const refused = refusedTypes[def.type];
    if (def.coerce)
      refuse(
        at,
        'ParsingOnly',
        `coerce only exists in parsing: ${neverParsed}`,
        `write z.${def.type}() without coerce`,
      );
    if (refused) {
      refuse(at, ...refused);
      return;
    }
    visitCheck(def, at);
    for (const check of def.checks ?? []) if (check !== schema) visitCheck(check._zod.def, at);
    for (const [child, where] of childrenOf(def, at)) visit(child, where);
  };
  visit(root, path);
  return findings;
}

type Refuse = (at: string, code: SchemaErrorCode, message: string, advice: string) => void;

function inspectCheck(definition: ZodDefinition, at: string, { patterns }: Findings, refuse: Refuse): void {
  switch (definition.check) {
    case 'overwrite':
      refuse(
        at,
        'ParsingOnly',
        `trim, toLowerCase and the like only exist in parsing: ${neverParsed}`,
        'use a pattern, or convert it in reconcile',
      );
      break;
    case 'custom':
      refuse(
        at,
        'ParsingOnly',
        `refine and check only exist in parsing: ${neverParsed}`,
        "write a CEL rule, .meta(rules({ rule: '…' })), or check it in the controller's validate",
      );
      break;
    case 'string_format':
      inspectPattern(definition, at, patterns, refuse);
      break;
    default:
  }
}

function inspectPattern(
  { pattern, format, version }: ZodDefinition,
  at: string,
  patterns: Findings['patterns'],
  refuse: Refuse,
): void {
  if (!pattern) return;
  // A version of UUID is narrower than the server's format.
  if (ownPatterns.has(format) && !version) patterns.add(pattern.source);
  const lost = pattern.flags.replace(/[gduvy]/g, '');
  if (lost !== '' && (format === 'regex' || format === undefined))
    refuse(
      at,
      'Pattern',
      `the flags '${lost}' of the pattern would be lost`,
      `write them into it: (?${lost}:${pattern.source})`,
    );
}

function childrenOf(def: ZodDefinition, at: string): (readonly [ZodLike, string])[] {
  const out: (readonly [ZodLike, string])[] = [];
  for (const [name, child] of Object.entries(def.shape ?? {})) out.push([child, `${at}.${name}`]);
  if (def.element) out.push([def.element, `${at}[]`]);
  if (def.keyType) out.push([def.keyType, `${at} (its keys)`]);
  if (def.valueType) out.push([def.valueType, `${at}.*`]);
  // The catchall of a strict object is z.never().
  if (def.catchall && def.catchall._zod.def.type !== 'never') out.push([def.catchall, `${at}.*`]);
  for (const child of [...(def.options ?? []), def.left, def.right, def.innerType]) if (child) out.push([child, at]);
  if (def.type === 'lazy' && def.getter) out.push([def.getter(), at]);
  return out;
}
