import type { Clock } from '@setpoint/apimachinery/clock';
import { parseGoDuration } from '@setpoint/apimachinery/duration';
import { parseJson, stringifyJson } from '@setpoint/apimachinery/json';
import type { Crd } from '../kinds/index.ts';
import { conversionPath } from '../manifests/index.ts';
import { type MetricHandles, metricHandles, unservedMetrics } from '../metrics/index.ts';
import { type Log, messageOf } from '../reconcile/index.ts';
import { admit } from './admission.ts';
import { convertReview } from './conversion.ts';
import { BadReview } from './review.ts';
import type { Hook, WebhookMetrics } from './types.ts';

/** A request to a webhook server. */
export interface WebhookRequest {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly contentType: string;
  /** Undefined for one that was larger than the limit. */
  readonly body: Uint8Array | undefined;
  /** Aborts when whoever asked has gone. */
  readonly signal: AbortSignal;
}

/** Always JSON. */
export interface WebhookResponse {
  readonly status: number;
  readonly body: string;
}

/** Answers all paths of one operator's webhooks; never throws. */
export interface Router {
  /** How many bytes a body may have; undefined for a path that there is not. */
  limit(url: string): number | undefined;
  answer(request: WebhookRequest): Promise<WebhookResponse>;
}

/** What the webhooks of one operator run with. */
export interface RouterOptions {
  readonly hooks: readonly Hook[];
  /** With conversion by functions. */
  readonly crds: readonly Crd[];
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: WebhookMetrics | undefined;
  /** For what the operator's functions count. @default nobody serves it */
  readonly handles?: MetricHandles | undefined;
}

/** As controller-runtime: an object of 3 MiB may come twice. */
const admissionLimit = 7 * 1024 * 1024;
/** A list is converted in one request. */
const conversionLimit = 256 * 1024 * 1024;
const conversionTimeout = 30_000;
const unserved = metricHandles(unservedMetrics, undefined, undefined);

/** What is served under one path: the text of an answer, made of a body that has been parsed. */
interface Route {
  readonly limit: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly answer: (review: unknown, signal: AbortSignal) => object | Promise<object>;
}

export function createRouter(options: RouterOptions): Router {
  const { clock, log, metrics } = options;
  const routes = routesOf(options);
  for (const path of routes.keys()) metrics?.prepare(path);
  const routeOf = (url: string) => routes.get(pathOf(url));
  return {
    limit: (url) => routeOf(url)?.limit,
    async answer(request) {
      const route = routeOf(request.url);
      if (!route) return refused(404, `there is no webhook at ${pathOf(request.url)}`);
      const path = pathOf(request.url);
      const began = clock.monotonic();
      metrics?.inFlight(path, 1);
      const response = await answerRoute(route, request, clock);
      metrics?.inFlight(path, -1);
      metrics?.answered(path, response.status, (clock.monotonic() - began) / 1000);
      if (response.status >= 400) log.error({ webhook: path, code: response.status }, `bad request: ${response.body}`);
      return response;
    },
  };
}

function routesOf({ hooks, crds, clock, log, metrics, handles = unserved }: RouterOptions): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  for (const hook of hooks) {
    const panicked = () => metrics?.panic();
    routes.set(hook.path, {
      limit: admissionLimit,
      timeout: hook.timeoutSeconds * 1000,
      answer: (review, signal) => admit(hook, review, { clock, log, signal, handles, panicked }),
    });
  }
  if (crds.length > 0) {
    const panicked = () => metrics?.conversionPanic();
    routes.set(conversionPath, {
      limit: conversionLimit,
      timeout: conversionTimeout,
      answer: (review) => convertReview(crds, review, { log, panicked }),
    });
  }
  return routes;
}

async function answerRoute(route: Route, request: WebhookRequest, clock: Clock): Promise<WebhookResponse> {
  const { method, contentType, body } = request;
  if (method !== 'POST') return refused(405, 'a webhook is asked by POST');
  if (body === undefined) return refused(413, `request entity is too large; limit is ${route.limit} bytes`);
  if (body.length === 0) return refused(400, 'request body is empty');
  if (contentType.split(';')[0]?.trim() !== 'application/json') {
    return refused(400, `contentType=${contentType}, expected application/json`);
  }
  try {
    const review = parseJson(body);
    return await withinTime(route, request, clock, async (signal) => ({
      status: 200,
      body: stringifyJson(await route.answer(review, signal)),
    }));
  } catch (error) {
    // Nothing but a body that cannot be read comes here: the operator's own functions are looked after further in.
    const isRequests =
      error instanceof BadReview || error instanceof SyntaxError || nameOf(error) === 'JsonSyntaxError';
    return refused(isRequests ? 400 : 500, messageOf(error));
  }
}

/**
 * When the time is up, an error of HTTP rather than a verdict: the API server then goes by the failurePolicy, as it
 * does when it stops waiting itself.
 */
async function withinTime(
  route: Route,
  { url, signal }: WebhookRequest,
  clock: Clock,
  work: (signal: AbortSignal) => Promise<WebhookResponse>,
): Promise<WebhookResponse> {
  const ending = new AbortController();
  const patience = Math.min(route.timeout, timeoutOf(url) ?? route.timeout);
  const over = Promise.withResolvers<WebhookResponse>();
  const end = (status: number, why: string) => {
    ending.abort(new Error(why));
    over.resolve(refused(status, why));
  };
  const gone = () => end(499, 'whoever asked has gone');
  const timer = clock.timer(patience, () => end(504, `no answer within ${patience / 1000} s`));
  signal.addEventListener('abort', gone, { once: true });
  if (signal.aborted) gone();
  try {
    return await Promise.race([work(ending.signal), over.promise]);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', gone);
    // The context is a right that ends with the answer.
    ending.abort(new Error('the request has been answered'));
  }
}

/** The API server says how long it waits: `?timeout=10s`. */
function timeoutOf(url: string): number | undefined {
  const text = new URL(url, 'https://webhook').searchParams.get('timeout');
  if (text === null) return undefined;
  try {
    return Math.max(1, Number(parseGoDuration(text)) / 1e6);
  } catch {
    return undefined;
  }
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] as string;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** A Status, since that is what Go's REST client looks for in an error. */
function refused(code: number, message: string): WebhookResponse {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code };
  return { status: code, body: stringifyJson(status) };
}
