import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Access, accessesOf, actorOf, type RecordedRequest } from 'setpoint/rights';
import { Failure, sentenceOf } from '../failure.ts';

/** What somebody has asked for. */
export interface Recorded {
  readonly requests: number;
  /** What it took; each once. */
  readonly accesses: readonly Access[];
}

/**
 * The requests of an audit log of Kubernetes (JSON lines of audit.k8s.io/v1), by whose rights they took.
 *
 * @param optional a file that is not there is an empty one
 * @throws Failure naming the line that is none
 */
export async function readAuditLog(file: string, optional = false): Promise<ReadonlyMap<string, Recorded>> {
  if (!existsSync(file)) {
    if (optional) return new Map();
    throw new Failure(`the audit log ${file} does not exist`);
  }
  const users = new Map<string, { requests: number; readonly accesses: Map<string, Access> }>();
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    number++;
    if (line.trim() === '') continue;
    const event = parse(file, number, line);
    const actor = actorOf(event);
    // A watch is told of when it begins and when it ends, and some policies tell of each request before its answer.
    if (!actor || event.stage === 'RequestReceived' || endsWatch(event)) continue;
    const entry = users.get(actor) ?? { requests: 0, accesses: new Map<string, Access>() };
    users.set(actor, entry);
    entry.requests++;
    for (const access of accessesOf(event)) entry.accesses.set(JSON.stringify(access), access);
  }
  return new Map(
    [...users].map(([user, { requests, accesses }]) => [user, { requests, accesses: [...accesses.values()] }]),
  );
}

function endsWatch({ verb, stage, responseStatus }: RecordedRequest): boolean {
  return verb === 'watch' && stage === 'ResponseComplete' && responseStatus?.code === 200;
}

function parse(file: string, number: number, line: string): RecordedRequest {
  let event: (Partial<RecordedRequest> & { readonly kind?: string }) | null;
  try {
    event = JSON.parse(line);
  } catch (error) {
    throw new Failure(`${file}, line ${number}: ${sentenceOf(error)}`);
  }
  if (event?.kind !== 'Event' || !event.verb || event.requestURI === undefined || !event.user)
    throw new Failure(`${file}, line ${number} is no Event of audit.k8s.io/v1`);
  return event as RecordedRequest;
}
