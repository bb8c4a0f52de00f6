/** What the server's authorizer would have had to find, read from the message of its refusal. */
export interface MissingRule {
  readonly user: string;
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** With its subresource: `foos/status`. */
  readonly resource: string;
  /** Absent at the cluster scope. */
  readonly namespace?: string;
}

const refusal =
  /User "((?:[^"\\]|\\.)*)" cannot (\S+) resource "([^"]+)" in API group "([^"]*)" (?:at the cluster scope|in the namespace "([^"]+)")/;

/** Undefined where the message is no authorizer's: another reason to refuse, or a path. */
export function missingRule(message: string): MissingRule | undefined {
  const found = refusal.exec(message);
  if (!found) return undefined;
  const [, user = '', verb = '', resource = '', group = '', namespace] = found;
  return { user, verb, group, resource, ...(namespace === undefined ? {} : { namespace }) };
}

/** What to do about it, as the end of a sentence. */
export function describeMissingRule({ verb, group, resource, namespace }: MissingRule): string {
  const list = (value: string) => JSON.stringify([value]);
  const rule = `{ apiGroups: ${list(group)}, resources: ${list(resource)}, verbs: ${list(verb)} }`;
  const where = namespace === undefined ? 'a ClusterRole' : `a ClusterRole, or a Role in ${namespace}`;
  return `it takes the rule ${rule} in ${where}: declare it in the controller (reads, watches, owns, writes, or permissions)`;
}
