import { hostname } from 'node:os';

/** Who this process is in Leases; not of a seeded Random, since no two may be the same. */
export function newIdentity(): string {
  // An import statement would load all of Web Crypto with it.
  return `${hostname()}_${process.getBuiltinModule('node:crypto').randomUUID()}`;
}
