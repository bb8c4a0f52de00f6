import type { SchemaErrorCode, SchemaProblem } from './schema-error.ts';

/** What a look at a library's own schema shows that its JSON Schema does not. */
export interface Findings {
  readonly problems: SchemaProblem[];
  /** Patterns that the library itself put to its string formats. */
  readonly patterns: Set<string>;
  /** Defaults that the library leaves out of its JSON Schema, by path. */
  readonly defaults: Map<string, unknown>;
}

export function noFindings(): Findings {
  return { problems: [], patterns: new Set(), defaults: new Map() };
}

export const neverParsed = 'objects of the API server are never parsed, so it would never run';

export function find(
  findings: Findings,
  path: string,
  code: SchemaErrorCode,
  message: string,
  advice: string,
): undefined {
  findings.problems.push({ code, path, message, advice });
}
