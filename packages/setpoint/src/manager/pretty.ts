import { styleText } from 'node:util';

/** What every line of a controller has; told in the order a person reads it. */
interface Fields {
  readonly level: string;
  readonly time: string;
  readonly msg?: string;
  readonly controller?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly reconcileID?: string;
  readonly [field: string]: unknown;
}

const levels: Readonly<Record<string, 'cyan' | 'green' | 'yellow' | 'red'>> = {
  debug: 'cyan',
  info: 'green',
  warn: 'yellow',
  error: 'red',
};

/**
 * One JSON line of the log as a person reads it: time, level, controller, object, message, further fields, and the
 * first eight characters of the reconcile id.
 *
 * `08:01:00.123 INFO  foo Foo.tutorial.my.domain default/foo-1: foo's happy status updated happy=true #f16a170e`
 */
export function prettyLine(json: string, colours: boolean): string {
  const fields = parse(json);
  if (!fields) return json;
  const { level, time, msg = '', controller, group, kind, namespace, name, reconcileID, ...rest } = fields;
  const paint = (format: Parameters<typeof styleText>[0], text: string) =>
    colours && text !== '' ? styleText(format, text, { validateStream: false }) : text;
  const ofController = controller !== undefined;
  // Elsewhere these are fields like any other (the kind of a server).
  const others = ofController ? rest : withoutUndefined({ ...rest, group, kind, namespace, name });
  const object =
    ofController && name !== undefined
      ? ` ${group ? `${kind}.${group}` : kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
      : '';
  const tail = [
    ...Object.entries(others).map(([key, value]) => `${word(key)}=${word(value)}`),
    ...(reconcileID === undefined ? [] : [`#${reconcileID.slice(0, 8)}`]),
  ];
  const parts = [
    paint('dim', localTime(time)),
    paint(levels[level] ?? 'green', level.toUpperCase().padEnd(5)),
    ...(ofController ? [`${paint('cyan', `${controller}${object}`)}: ${msg}`] : [msg]),
    ...(tail.length === 0 ? [] : [paint('dim', tail.join(' '))]),
  ];
  return `${parts.join(' ')}\n`;
}

function parse(json: string): Fields | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** As it is, if it can be told where it ends. */
function word(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
}

/** `08:01:00.123` where the terminal is. */
function localTime(time: string): string {
  const at = new Date(time);
  const two = (part: number) => String(part).padStart(2, '0');
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`;
}
