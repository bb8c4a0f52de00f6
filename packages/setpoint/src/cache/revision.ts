/**
 * Revisions are decimal numbers of any length, compared as numbers (KEP-5504, stable since Kubernetes 1.35).
 * A server behind an aggregation layer may still use something else; then nothing may be compared.
 */
export function isRevision(text: unknown): text is string {
  return typeof text === 'string' && /^(?:0|[1-9][0-9]*)$/.test(text);
}

/** Negative if `a` is the older, positive if the newer; both must be revisions. */
export function compareRevisions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
