/** What V8 says of a write to an object that is frozen. */
const aboutFrozen = /^Cannot (assign to read only property|add property|delete property)/;

/** One sentence of whatever was thrown: anything can be, also what cannot be made text. */
export function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  try {
    if (error instanceof TypeError && aboutFrozen.test(error.message)) {
      return `${error.message}: what a pass is given and what the cache has is frozen; draft(object, change) makes a changed copy`;
    }
    if (error instanceof Error) return String(error.message || error.name);
  } catch {
    return 'an error whose message cannot be read';
  }
  return `reconcile threw ${describeThrown(error)}`;
}

function describeThrown(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return `something of type ${typeof value}`;
  }
}
