import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';

/** The Pod Security Standards, from the loosest to the strictest. */
const levels = ['privileged', 'baseline', 'restricted'] as const;

export type Level = (typeof levels)[number];

/** A level as it was in a minor version of Kubernetes. */
export interface Standard {
  readonly level: Level;
  readonly version: 'latest' | number;
}

/** What the labels of a namespace say. */
export interface Policy {
  readonly enforce: Standard;
  readonly audit: Standard;
  readonly warn: Standard;
}

export function formatStandard({ level, version }: Standard): string {
  return `${level}:${version === 'latest' ? version : `v1.${version}`}`;
}

export function equalStandards(a: Standard, b: Standard): boolean {
  return a.level === b.level && a.version === b.version;
}

/** Negative, zero or positive, as the first is less strict than, as strict as or stricter than the second. */
export function compareLevels(a: Level, b: Level): number {
  return levels.indexOf(a) - levels.indexOf(b);
}

type Labels = Readonly<Record<string, string>>;

const prefix = 'pod-security.kubernetes.io/';
const unlabelled: Standard = { level: 'privileged', version: 'latest' };
const nothing: Policy = { enforce: unlabelled, audit: unlabelled, warn: unlabelled };

/** There is a policy also where labels are wrong: what is enforced is then the strictest there is. */
export function policyOf(labels: Labels | undefined): { readonly policy: Policy; readonly errors: FieldError[] } {
  const errors: FieldError[] = [];
  if (!labels) return { policy: nothing, errors };
  const enforceLevel = labels[`${prefix}enforce`];
  const enforce = {
    level: levelOf(labels, 'enforce', 'restricted', errors),
    version: versionOf(labels, 'enforce', errors),
  };
  const audit = { level: levelOf(labels, 'audit', 'privileged', errors), version: versionOf(labels, 'audit', errors) };
  const warn = { level: levelOf(labels, 'warn', 'privileged', errors), version: versionOf(labels, 'warn', errors) };
  // What is enforced is warned of too, at the templates of pods.
  const warnsToo =
    labels[`${prefix}warn`] === undefined && isLevel(enforceLevel) && compareLevels(enforce.level, warn.level) > 0;
  if (!warnsToo) return { policy: { enforce, audit, warn }, errors };
  const version = labels[`${prefix}warn-version`] === undefined ? enforce.version : warn.version;
  return { policy: { enforce, audit, warn: { level: enforce.level, version } }, errors };
}

function isLevel(text: string | undefined): text is Level {
  return levels.some((level) => level === text);
}

function levelOf(labels: Labels, mode: string, otherwise: Level, errors: FieldError[]): Level {
  const text = labels[`${prefix}${mode}`];
  if (text === undefined) return 'privileged';
  if (isLevel(text)) return text;
  errors.push(wrongLabel(`${prefix}${mode}`, text, `must be one of ${levels.join(', ')}`));
  return otherwise;
}

function versionOf(labels: Labels, mode: string, errors: FieldError[]): Standard['version'] {
  const label = `${prefix}${mode}-version`;
  const text = labels[label] ?? 'latest';
  if (text === 'latest') return text;
  const [, minor] = /^v1\.(\d|[1-9]\d*)$/.exec(text) ?? [];
  if (minor !== undefined && Number.isSafeInteger(Number(minor))) return Number(minor);
  errors.push(wrongLabel(label, text, 'must be "latest" or "v1.x"'));
  return 'latest';
}

function wrongLabel(label: string, value: string, why: string): FieldError {
  return FieldError.invalid(FieldPath.of('metadata').child('labels').key(label), value, why);
}
