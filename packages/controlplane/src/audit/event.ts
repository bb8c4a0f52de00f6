import type { UserInfo } from '../http/index.ts';

/** Who, as audit events say it. */
export interface AuditUser {
  readonly username: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a request was about. */
export interface AuditObjectReference {
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly apiGroup?: string;
  readonly apiVersion: string;
  /** The revision that a write left behind. */
  readonly resourceVersion?: string;
  readonly subresource?: string;
}

/** An Event of audit.k8s.io/v1, level Metadata: never a body. */
export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: 'audit.k8s.io/v1';
  readonly level: 'Metadata';
  /** The Audit-ID header of the answer. */
  readonly auditID: string;
  /** A watch has two events: when its answer begins, and when it ends. */
  readonly stage: 'ResponseStarted' | 'ResponseComplete';
  readonly requestURI: string;
  /** `get`, `list`, `create`, …; of a path that names no resource, the method in lower case. */
  readonly verb: string;
  /** Who sent the request; without a name where that could not be found out. */
  readonly user: Partial<AuditUser>;
  /** Whom it was to be taken to come from. */
  readonly impersonatedUser?: AuditUser;
  /** The header User-Agent of the request. */
  readonly userAgent?: string;
  /** The object, or the kind of a list; missing for paths that name no resource. */
  readonly objectRef?: AuditObjectReference;
  readonly responseStatus: {
    readonly metadata: object;
    readonly status?: string;
    readonly message?: string;
    readonly reason?: string;
    readonly code: number;
  };
  /** RFC 3339 with microseconds. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  /** `authorization.k8s.io/decision` and `authorization.k8s.io/reason`, and what admission and others have said. */
  readonly annotations?: Readonly<Record<string, string>>;
}

export function auditUser({ name, uid, groups, extra }: UserInfo): AuditUser {
  return {
    username: name,
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

export function microTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, -1)}000Z`;
}
