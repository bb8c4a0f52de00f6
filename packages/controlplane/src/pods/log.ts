import { FieldError } from '@setpoint/apimachinery/errors';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject, Read, ReadRequest } from '../registry/index.ts';
import { badRequest, invalid, notFound } from '../status/index.ts';
import type { Backend } from '../verbs/index.ts';
import { containerOf, podOf, requireNode } from './kubelet.ts';
import { pods } from './pods.ts';

/** What containers have written, by whoever runs them. */
export interface PodLogs {
  read(
    pod: KubeObject,
    container: string,
    previous?: boolean,
  ): readonly { readonly time: number; readonly text: string }[] | undefined;
  /** Calls back when there may be more, or an end. Returns the way to stop. */
  onChange(pod: KubeObject, container: string, listener: () => void): () => void;
}

interface LogOptions {
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly follow: boolean;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  /** Only lines from then on, in milliseconds. */
  readonly since: number;
}

/** GET of `pods/x/log`. */
export function podLog(backend: () => Backend, logs: PodLogs): Read {
  return (request) => {
    const { clock } = backend();
    const options = optionsOf(request, clock.now());
    const find = () => podOf(backend(), request);
    const pod = find();
    if (!pod) throw notFound(pods, request.name);
    const container = containerOf(pod, request.query.get('container') ?? '');
    // Without a node there is nobody to ask.
    if (!pod.spec.nodeName) return undefined;
    requireNode(backend(), pod.spec.nodeName);
    const begun = logs.read(pod, container, options.previous);
    if (!begun) refuse(pod, container, options.previous);
    if (options.follow && !options.previous) return follow(logs, pod, container, options, request.signal, find);
    return limited(linesOf(begun ?? [], options), options.limitBytes);
  };
}

function optionsOf({ query, name }: ReadRequest, now: number): LogOptions {
  const flag = (key: string) => {
    const value = query.get(key);
    return value !== null && value !== 'false' && value !== '0';
  };
  const number = (key: string) => {
    const value = query.get(key);
    if (value === null || value === '') return undefined;
    if (!/^-?\d+$/.test(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    return Number(value);
  };
  const tailLines = number('tailLines');
  const limitBytes = number('limitBytes');
  const sinceSeconds = number('sinceSeconds');
  const sinceTime = query.get('sinceTime');
  const errors: FieldError[] = [];
  if (tailLines !== undefined && tailLines < 0)
    errors.push(FieldError.invalid('tailLines', tailLines, 'must be greater than or equal to 0'));
  if (limitBytes !== undefined && limitBytes < 1)
    errors.push(FieldError.invalid('limitBytes', limitBytes, 'must be greater than 0'));
  if (sinceSeconds !== undefined && sinceTime !== null) {
    errors.push(FieldError.forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  } else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(FieldError.invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, errors);
  const since = sinceSeconds === undefined ? Date.parse(sinceTime ?? '') : now - sinceSeconds * 1000;
  const flags = { previous: flag('previous'), timestamps: flag('timestamps'), follow: flag('follow') };
  return { ...flags, tailLines, limitBytes, since: Number.isNaN(since) ? 0 : since };
}

function statusOf(pod: MutableObject, container: string): MutableObject['status'] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  return [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container);
}

/** As a kubelet words it. */
function refuse(pod: MutableObject, container: string, previous: boolean): void {
  const where = `container "${container}" in pod "${pod.metadata.name}"`;
  if (previous) throw badRequest(`previous terminated ${where} not found`);
  const { waiting } = statusOf(pod, container)?.state ?? {};
  if (!waiting) return;
  const pulls = ['ErrImagePull', 'ImagePullBackOff'].includes(waiting.reason);
  throw badRequest(`${where} is waiting to start: ${pulls ? 'trying and failing to pull image' : waiting.reason}`);
}

type Lines = NonNullable<ReturnType<PodLogs['read']>>;

function linesOf(lines: Lines, { since, tailLines, timestamps }: LogOptions, from = 0): string {
  const wanted = lines.slice(from).filter(({ time }) => time >= since);
  const shown = from > 0 || tailLines === undefined ? wanted : tailLines === 0 ? [] : wanted.slice(-tailLines);
  return shown
    .map(({ time, text }) => `${timestamps ? `${new Date(time).toISOString().slice(0, -1)}000000Z ` : ''}${text}\n`)
    .join('');
}

function limited(text: string, limit: number | undefined): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return limit === undefined ? bytes : bytes.subarray(0, limit);
}

/** What there is, then what comes, until the container ends, the pod goes, or the reader does. */
async function* follow(
  logs: PodLogs,
  pod: MutableObject,
  container: string,
  options: LogOptions,
  signal: AbortSignal,
  find: () => MutableObject | undefined,
): AsyncGenerator<Uint8Array> {
  let wake = () => {};
  const stop = logs.onChange(pod, container, () => wake());
  const aborted = () => wake();
  signal.addEventListener('abort', aborted);
  const first = logs.read(pod, container);
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  try {
    for (let told = 0; left > 0 && !signal.aborted; ) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const lines = logs.read(pod, container) ?? [];
      // It has begun again: that is another log.
      if (first && lines !== first) return;
      const bytes = limited(linesOf(lines, options, told), Number.isFinite(left) ? left : undefined);
      told = lines.length;
      left -= bytes.length;
      if (bytes.length > 0) yield bytes;
      const present = find();
      if (present?.metadata.uid !== pod.metadata.uid || !present || statusOf(present, container)?.state?.terminated)
        return;
      await changed;
    }
  } finally {
    stop();
    signal.removeEventListener('abort', aborted);
  }
}
