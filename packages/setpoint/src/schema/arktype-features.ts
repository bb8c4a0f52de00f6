import { type Findings, find, neverParsed, noFindings } from './findings.ts';

type Json = Readonly<Record<string, unknown>>;

export function isArktype(source: unknown): source is { readonly json: unknown } {
  return typeof source === 'function' && 'json' in source && ' arkKind' in source;
}

/**
 * Finds in an arktype schema (in the JSON form it has of itself) what only exists in parsing,
 * and the defaults its JSON Schema leaves out.
 */
export function inspectArktype(root: { readonly json: unknown }, path: string): Findings {
  const findings = noFindings();
  const visit = (node: unknown, at: string): undefined => {
    if (node === 'Date')
      return find(
        findings,
        at,
        'NotJson',
        'a Date is no JSON',
        "write 'string' with .configure({ format: 'date-time' })",
      );
    if (node === 'bigint')
      return find(findings, at, 'NotJson', 'a bigint is no JSON', "write 'number.integer' with .configure(int64())");
    if (Array.isArray(node)) for (const branch of node) visit(branch, at);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const { morphs, predicate, domain, proto } = node as Json;
    if (domain === 'bigint' || proto === 'Date') return visit(domain ?? proto, at);
    if (morphs !== undefined)
      return find(
        findings,
        at,
        'ParsingOnly',
        `a morph (pipe, trim, parse) only exists in parsing: ${neverParsed}`,
        'describe the value as it is stored and convert it in reconcile',
      );
    if (predicate !== undefined)
      find(
        findings,
        at,
        'ParsingOnly',
        `narrow only exists in parsing: ${neverParsed}`,
        "write a CEL rule, .configure(rules({ rule: '…' })), or check it in the controller's validate",
      );
    visitMembers(node as Json, at);
  };
  const visitMembers = (node: Json, at: string) => {
    const { required = [], optional = [], index = [], sequence } = node as Record<string, readonly Json[] | undefined>;
    for (const member of required) visit(member.value, `${at}.${member.key}`);
    for (const member of optional) {
      const where = `${at}.${member.key}`;
      visit(member.value, where);
      if (!('default' in member)) continue;
      if (typeof member.default === 'string' && member.default.startsWith('$ark.'))
        find(
          findings,
          where,
          'ParsingOnly',
          `a default by a function only exists in parsing: ${neverParsed}`,
          'write the default as a value',
        );
      else findings.defaults.set(where, member.default);
    }
    for (const signature of index) visit(signature.value, `${at}.*`);
    if (sequence !== undefined) visit(sequence, `${at}[]`);
  };
  visit(root.json, path);
  return findings;
}
