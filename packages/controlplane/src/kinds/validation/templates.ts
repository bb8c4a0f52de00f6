import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { canonicalStruct } from '../canonical.ts';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { checkLabels, checkSelector, type Errors, selects } from './common.ts';
import { checkAnnotations, checkPodAnnotations } from './pod-annotations.ts';
import { forbidEphemeral } from './pod-details.ts';
import { validatePodSpec } from './pods.ts';

/** A selector as messages show it. */
export function shownSelector(selector: Loose): Loose {
  return selector ? canonicalStruct('meta/v1.LabelSelector', selector) : null;
}

/** A selector is there, and chooses something; true if it can be asked at all. */
export function validateSelector(selector: Loose, owner: string, path: FieldPath, errors: Errors): boolean {
  if (!selector) {
    errors.push(FieldError.required(path));
    return true;
  }
  const before = errors.length;
  checkSelector(selector, path, errors);
  const valid = errors.length === before;
  if (isEmpty(selector.matchLabels) && isEmpty(selector.matchExpressions)) {
    errors.push(FieldError.invalid(path, shownSelector(selector), `empty selector is invalid for ${owner}`));
  }
  return valid;
}

/** The pods of a template are those that the selector chooses; nothing chooses none, an empty selector all. */
export function checkChosen(selector: Loose, template: Loose, path: FieldPath, errors: Errors): void {
  const all = selector && isEmpty(selector.matchLabels) && isEmpty(selector.matchExpressions);
  if (all || (selector && selects(selector, template?.metadata?.labels ?? {}))) return;
  const why = '`selector` does not match template `labels`';
  const labels = template?.metadata?.labels;
  errors.push(FieldError.invalid(path.child('metadata', 'labels'), sorted(labels), why));
}

function sorted(labels: Loose): Loose {
  if (isEmpty(labels)) return labels ?? null;
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What every pod template must be, wherever it stands. */
export function validateTemplate(template: Loose, path: FieldPath, errors: Errors): void {
  validateTemplateMeta(template, path, errors);
  validatePodSpec(template?.spec ?? {}, path.child('spec'), errors);
  forbidEphemeral(template?.spec ?? {}, path.child('spec'), 'ephemeral containers not allowed in pod template', errors);
}

/** Labels and annotations of a template; the server leaves out the word metadata. */
export function validateTemplateMeta(template: Loose, path: FieldPath, errors: Errors): void {
  const { labels, annotations } = template?.metadata ?? {};
  checkLabels(labels, path.child('labels'), errors);
  if (isEmpty(annotations)) return;
  checkAnnotations(annotations, path.child('annotations'), errors);
  checkPodAnnotations(annotations, template?.spec ?? {}, path.child('annotations'), errors);
}

/** Pods that never end by themselves. */
export function validateLastingTemplate(template: Loose, owner: string, path: FieldPath, errors: Errors): void {
  validateTemplate(template, path, errors);
  checkLasting(template, owner, path, errors);
}

export function checkLasting(template: Loose, owner: string, path: FieldPath, errors: Errors): void {
  const { restartPolicy = '', activeDeadlineSeconds } = template?.spec ?? {};
  if (restartPolicy !== 'Always') {
    errors.push(FieldError.notSupported(path.child('spec', 'restartPolicy'), restartPolicy, ['Always']));
  }
  if (activeDeadlineSeconds !== undefined) {
    const why = `activeDeadlineSeconds in ${owner} is not Supported`;
    errors.push(FieldError.forbidden(path.child('spec', 'activeDeadlineSeconds'), why));
  }
}
