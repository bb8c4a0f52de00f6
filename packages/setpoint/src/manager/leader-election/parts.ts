/** What holding a Lease consists of, for others that hold one; apart from index.ts, whose importers load none of it. */
export { compete } from './compete.ts';
export { Elector } from './elector.ts';
export { Fence, fencedClient } from './fence.ts';
export { newIdentity } from './identity.ts';
export { type Instant, instantOf } from './instant.ts';
export { Lease, LeaseLock, type LeaseObject, type LeaseSpec, microTime } from './lease.ts';
export { type ElectionTiming, electionTiming, requestTimeout } from './options.ts';
export { releasedSpec } from './step.ts';
export { mergeWritten, type Written, writtenAnnotation, writtenBefore } from './written.ts';
