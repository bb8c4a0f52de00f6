import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { type Errors, nonNegative, selects } from './common.ts';
import { validateLastingTemplate, validateTemplate } from './templates.ts';

// The kinds of the core group that are about pods: PodTemplates and ReplicationControllers.

const spec = FieldPath.of('spec');

/** A PodTemplate is checked as a pod is, whatever its restart policy. */
export function validatePodTemplate(template: Loose): Errors {
  const errors: Errors = [];
  validateTemplate(template.template, FieldPath.of('template'), errors);
  return errors;
}

export function validateReplicationController(controller: Loose): Errors {
  const errors: Errors = [];
  const { selector, template, replicas, minReadySeconds } = controller.spec ?? {};
  nonNegative(minReadySeconds, spec.child('minReadySeconds'), errors);
  if (isEmpty(selector)) errors.push(FieldError.required(spec.child('selector')));
  nonNegative(replicas, spec.child('replicas'), errors);
  if (!template) errors.push(FieldError.required(spec.child('template')));
  else {
    if (!isEmpty(selector) && !selects({ matchLabels: selector }, template.metadata?.labels ?? {})) {
      const why = '`selector` does not match template `labels`';
      const labels = template.metadata?.labels ?? null;
      errors.push(FieldError.invalid(spec.child('template', 'metadata', 'labels'), labels, why));
    }
    validateLastingTemplate(template, 'ReplicationController', spec.child('template'), errors);
  }
  return errors;
}
