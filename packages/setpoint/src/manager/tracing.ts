import type { BeginningCall, CallInstrument } from '../client/index.ts';
import type { Work } from '../reconcile/index.ts';

/** What is used of `@opentelemetry/api`, whose types an operator without tracing has not installed. */
export interface OpenTelemetry {
  readonly trace: { getTracer(name: string): Tracer };
  readonly context: { active(): object; with<T>(context: object, action: () => T): T };
  readonly propagation: { inject(context: object, carrier: object): void };
  readonly SpanKind: { readonly INTERNAL: number; readonly CLIENT: number };
  readonly SpanStatusCode: { readonly ERROR: number };
}
interface Tracer {
  startSpan(name: string, options?: object, context?: object): Span;
  startActiveSpan<T>(name: string, options: object, action: (span: Span) => T): T;
}
interface Span {
  setAttributes(attributes: Readonly<Record<string, string | number>>): unknown;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  recordException(error: Error): void;
  end(): void;
}

/** Spans of one manager: one a pass, and below it one a request. */
export interface Tracing {
  /** Runs a pass within a span; what it came to becomes an attribute. */
  pass<T extends { readonly type: string }>(work: Work, run: () => Promise<T>): Promise<T>;
  readonly instrument: CallInstrument;
}

/** Under which an SDK that was started makes itself known to every copy of the API. */
const registration = Symbol.for('opentelemetry.js.api.1');

/**
 * Tracing by OpenTelemetry, where the program has started an SDK (`node --import ./tracing.mjs src/main.ts`) before the
 * manager; undefined, at no cost, where it has not.
 */
export async function findTracing(): Promise<Tracing | undefined> {
  const registered = (globalThis as { readonly [registration]?: { readonly trace?: unknown } })[registration];
  if (!registered?.trace) return undefined;
  // The peer of whoever started an SDK; not known to those who did not.
  return tracingWith((await import('@opentelemetry/api')) as unknown as OpenTelemetry);
}

export function tracingWith(api: OpenTelemetry): Tracing {
  const tracer = api.trace.getTracer('setpoint');
  return {
    pass: (work, run) => {
      const attributes = passAttributes(work);
      return tracer.startActiveSpan(`reconcile ${work.of}`, { kind: api.SpanKind.INTERNAL, attributes }, (span) =>
        run().then(
          (outcome) => {
            span.setAttributes({ 'setpoint.outcome': outcome.type });
            const { error } = outcome as { readonly error?: unknown };
            if (error !== undefined && outcome.type !== 'conflict') fail(api, span, error);
            span.end();
            return outcome;
          },
          (error) => {
            fail(api, span, error);
            span.end();
            throw error;
          },
        ),
      );
    },
    instrument: (call) => {
      // A watch lasts, and nobody waits for it.
      if (call.stream) return undefined;
      const span = tracer.startSpan(
        `${call.request.verb} ${call.request.kind}`,
        { kind: api.SpanKind.CLIENT, attributes: callAttributes(call) },
        api.context.active(),
      );
      return {
        headers: carried(api, span),
        end({ code, attempts, error }) {
          span.setAttributes({ 'http.response.status_code': Number(code) || 0, 'setpoint.attempts': attempts });
          if (error !== undefined) fail(api, span, error);
          span.end();
        },
      };
    },
  };
}

/** The API server goes on with the trace, if it was told to trace. */
function carried(api: OpenTelemetry, span: Span): Readonly<Record<string, string>> {
  const carrier: Record<string, string> = {};
  api.propagation.inject(contextOf(api, span), carrier);
  return carrier;
}

function contextOf(api: OpenTelemetry, span: Span): object {
  const { setSpan } = api.trace as { setSpan?: (context: object, span: Span) => object };
  const active = api.context.active();
  return setSpan ? setSpan.call(api.trace, active, span) : active;
}

function fail({ SpanStatusCode }: OpenTelemetry, span: Span, error: unknown): void {
  if (error instanceof Error) span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
}

function passAttributes({ of, object = '', reconcileID = '' }: Work) {
  return { 'setpoint.controller': of, 'setpoint.object': object, 'setpoint.reconcile_id': reconcileID };
}

function callAttributes({ request, method, host }: BeginningCall) {
  const { verb, kind, namespace = '', name = '', subresource = '' } = request;
  return {
    'http.request.method': method,
    'server.address': host,
    'k8s.verb': verb,
    'k8s.resource.kind': kind,
    'k8s.namespace.name': namespace,
    'k8s.resource.name': name,
    'k8s.resource.subresource': subresource,
  };
}
