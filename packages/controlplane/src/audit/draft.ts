import type { Clock } from '@setpoint/apimachinery/clock';
import type { Decision, RequestAttributes } from '../authorization/index.ts';
import type { ApiRequest, ApiResponse, UserInfo } from '../http/index.ts';
import { type AuditEvent, type AuditObjectReference, auditUser, microTime } from './event.ts';

/** What is known of the object that an answer is about. */
export interface AnsweredObject {
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** The audit events of one request, while it is being answered. */
export class AuditDraft {
  readonly #request: ApiRequest;
  readonly #clock: Clock;
  readonly #tell: (event: AuditEvent) => void;
  readonly #received: number;
  readonly #annotations: Record<string, string> = {};
  #user: UserInfo | undefined;
  #impersonated: UserInfo | undefined;
  #asked: RequestAttributes | undefined;
  #object: AnsweredObject = {};

  constructor(request: ApiRequest, clock: Clock, tell: (event: AuditEvent) => void) {
    this.#request = request;
    this.#clock = clock;
    this.#tell = tell;
    this.#received = clock.now();
  }

  authenticated(user: UserInfo, asked: RequestAttributes): void {
    this.#user = user;
    this.#asked = asked;
  }

  impersonated(user: UserInfo): void {
    this.#impersonated = user;
  }

  decided({ allowed, reason }: Decision): void {
    this.annotate('authorization.k8s.io/decision', allowed ? 'allow' : 'forbid');
    this.annotate('authorization.k8s.io/reason', reason);
  }

  /** The first word about a key counts. */
  annotate(key: string, value: string): void {
    this.#annotations[key] ??= value;
  }

  /** What was written. */
  wrote(object: AnsweredObject): void {
    this.#object = object;
  }

  /** Tells of the answer; of a stream when it begins and when it ends, which is why another answer comes back. */
  answered(response: ApiResponse): ApiResponse {
    const { body } = response;
    if (body instanceof Uint8Array) {
      this.#emit('ResponseComplete', response, body);
      return response;
    }
    this.#emit('ResponseStarted', response, undefined);
    const finished = () => this.#emit('ResponseComplete', response, undefined);
    return { ...response, body: untilEnd(body, finished) };
  }

  #emit(stage: AuditEvent['stage'], { status, headers }: ApiResponse, body: Uint8Array | undefined): void {
    const request = this.#request;
    const userAgent = request.headers['user-agent'];
    const objectRef = this.#objectReference();
    this.#tell({
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: String(headers['audit-id'] ?? ''),
      stage,
      requestURI: request.url,
      verb: this.#asked?.verb ?? request.method.toLowerCase(),
      user: this.#user ? auditUser(this.#user) : {},
      ...(this.#impersonated ? { impersonatedUser: auditUser(this.#impersonated) } : {}),
      ...(userAgent ? { userAgent } : {}),
      ...(objectRef ? { objectRef } : {}),
      responseStatus: { metadata: {}, ...failureOf(status, body), code: status },
      requestReceivedTimestamp: microTime(this.#received),
      stageTimestamp: microTime(this.#clock.now()),
      ...(Object.keys(this.#annotations).length > 0 ? { annotations: { ...this.#annotations } } : {}),
    });
  }

  #objectReference(): AuditObjectReference | undefined {
    const asked = this.#asked;
    if (!asked?.resourceRequest) return undefined;
    const { uid, resourceVersion } = this.#object;
    const name = asked.name || this.#object.name;
    return {
      resource: asked.resource,
      ...(asked.namespace ? { namespace: asked.namespace } : {}),
      ...(name ? { name } : {}),
      ...(uid ? { uid } : {}),
      ...(asked.group ? { apiGroup: asked.group } : {}),
      apiVersion: asked.version,
      ...(resourceVersion ? { resourceVersion } : {}),
      ...(asked.subresource ? { subresource: asked.subresource } : {}),
    };
  }
}

/** What a refusal says; of everything else only the code is told. */
function failureOf(code: number, body: Uint8Array | undefined): Partial<AuditEvent['responseStatus']> {
  if (code < 400 || !body) return {};
  try {
    const { status, message, reason } = JSON.parse(Buffer.from(body).toString('utf8')) as Record<string, string>;
    return { ...(status ? { status } : {}), ...(message ? { message } : {}), ...(reason ? { reason } : {}) };
  } catch {
    return {};
  }
}

async function* untilEnd(body: AsyncIterable<Uint8Array>, finished: () => void): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } finally {
    finished();
  }
}
