import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Who this process is in Leases; not of a seeded Random, since no two may be the same. */
export function newIdentity(): string {
  return `${hostname()}_${randomUUID()}`;
}
