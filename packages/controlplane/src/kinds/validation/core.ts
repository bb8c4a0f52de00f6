import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { qualifiedName } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';

export function validateNamespace(namespace: Loose): Errors {
  const errors: Errors = [];
  (namespace.spec?.finalizers ?? []).forEach((finalizer: string) => {
    all(qualifiedName(finalizer), FieldPath.of('spec', 'finalizers'), finalizer, errors);
  });
  return errors;
}

export function validateNode(node: Loose): Errors {
  const errors: Errors = [];
  const seen = new Set<string>();
  (node.spec?.taints ?? []).forEach((taint: Loose, index: number) => {
    const path = FieldPath.of('spec', 'taints').index(index);
    all(qualifiedName(taint.key ?? ''), path.child('key'), taint.key ?? '', errors);
    if (!taint.effect) errors.push(FieldError.required(path.child('effect')));
    const identity = `${taint.key}:${taint.effect}`;
    if (seen.has(identity)) errors.push(FieldError.duplicate(path, taint));
    seen.add(identity);
  });
  return errors;
}

/** Both views of an Event; the rules of events.k8s.io hold for whoever fills in the newer fields. */
export function validateEvent(event: Loose): Errors {
  const core = event.apiVersion === 'v1' || event.involvedObject !== undefined;
  const regarding = core ? event.involvedObject : event.regarding;
  const path = FieldPath.of('involvedObject', 'namespace');
  const errors: Errors = [];
  const { namespace } = event.metadata;
  if (!regarding?.namespace) {
    if (namespace !== 'default' && namespace !== 'kube-system') {
      errors.push(FieldError.invalid(path, regarding?.namespace ?? '', 'does not match event.namespace'));
    }
  } else if (namespace !== regarding.namespace) {
    errors.push(FieldError.invalid(path, regarding.namespace, 'does not match event.namespace'));
  }
  if (core && !event.eventTime) return errors;
  return [...errors, ...validateNewEvent(event, core)];
}

function validateNewEvent(event: Loose, core: boolean): Errors {
  const errors: Errors = [];
  const controller = core ? event.reportingComponent : event.reportingController;
  const note = core ? event.message : event.note;
  if (!event.eventTime) errors.push(FieldError.required('eventTime'));
  if (!controller) errors.push(FieldError.required('reportingController'));
  else all(qualifiedName(controller), FieldPath.of('reportingController'), controller, errors);
  checkText(event.reportingInstance, 'reportingInstance', 128, errors);
  checkText(event.action, 'action', 128, errors);
  checkText(event.reason, 'reason', 128, errors);
  if (Buffer.byteLength(note ?? '') > 1024) {
    errors.push(FieldError.invalid('message', '', 'can have at most 1024 characters'));
  }
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    errors.push(FieldError.invalid('type', '', 'has invalid value: '));
  }
  return errors;
}

function checkText(text: string | undefined, name: string, maximum: number, errors: Errors): void {
  if (!text) errors.push(FieldError.required(name));
  else if (text.length > maximum) errors.push(FieldError.invalid(name, '', `can have at most ${maximum} characters`));
}

const immutableMembers = [
  'eventTime',
  'reportingController',
  'reportingInstance',
  'action',
  'reason',
  'regarding',
  'related',
  'note',
  'type',
];

/** An Event of events.k8s.io may only count on. */
export function validateEventUpdate(event: Loose, old: Loose): Errors {
  if (event.apiVersion !== 'events.k8s.io/v1') return [];
  const changed = immutableMembers.filter((name) => !deepEqual(event[name] ?? null, old[name] ?? null));
  return changed.map((name) => FieldError.invalid(name, event[name] ?? '', 'field is immutable'));
}
