import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { labelValue, qualifiedName } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';

export function validateNamespace(namespace: Loose): Errors {
  const errors: Errors = [];
  (namespace.spec?.finalizers ?? []).forEach((finalizer: string) => {
    const at = FieldPath.of('spec', 'finalizers');
    all(qualifiedName(finalizer), at, finalizer, errors);
    if (!finalizer.includes('/') && finalizer !== 'kubernetes') {
      const why = 'name is neither a standard finalizer name nor is it fully qualified';
      errors.push(FieldError.invalid(at, finalizer, why));
    }
  });
  return errors;
}

export function validateNode(node: Loose): Errors {
  const errors: Errors = [];
  const seen = new Set<string>();
  const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
  (node.spec?.taints ?? []).forEach((taint: Loose, index: number) => {
    // The server says metadata, though they are in the spec.
    const path = FieldPath.of('metadata', 'taints').index(index);
    all(qualifiedName(taint.key ?? ''), path.child('key'), taint.key ?? '', errors);
    const problems = labelValue(taint.value ?? '');
    if (problems.length > 0) all([problems.join(';')], path.child('value'), taint.value, errors);
    if (!taint.effect) errors.push(FieldError.required(path.child('effect')));
    else if (!effects.includes(taint.effect)) {
      errors.push(FieldError.notSupported(path.child('effect'), taint.effect, effects));
    }
    const identity = `${taint.key}:${taint.effect}`;
    if (seen.has(identity)) {
      const shown = {
        Key: taint.key,
        Value: taint.value ?? '',
        Effect: taint.effect,
        TimeAdded: taint.timeAdded ?? null,
      };
      errors.push(new FieldError('FieldValueDuplicate', path, shown, 'taints must be unique by key and effect pair'));
    }
    seen.add(identity);
  });
  return errors;
}

/** Both views of an Event. An eventTime makes it one of the newer sort, through whichever group it comes. */
export function validateEvent(event: Loose): Errors {
  const core = event.apiVersion === 'v1';
  const errors: Errors = [];
  const { namespace } = event.metadata;
  const about = (core ? event.involvedObject : event.regarding)?.namespace ?? '';
  const agrees = event.eventTime
    ? about !== '' || namespace === 'default' || namespace === 'kube-system'
    : about === ''
      ? namespace === 'default'
      : namespace === about;
  if (!agrees) errors.push(FieldError.invalid('involvedObject.namespace', about, 'does not match event.namespace'));
  if (event.eventTime) checkReport(event, core, errors);
  // What is stored was judged when it came, perhaps as an Event of core/v1.
  if (!core && !event.metadata.resourceVersion) checkNewEvent(event, errors);
  return errors;
}

/** Who reports what, as every Event with an eventTime says. */
function checkReport(event: Loose, core: boolean, errors: Errors): void {
  const name = core ? 'reportingComponent' : 'reportingController';
  if (!event[name]) errors.push(FieldError.required(name));
  all(qualifiedName(event[name] ?? ''), FieldPath.of(name), event[name] ?? '', errors);
  checkText(event.reportingInstance, 'reportingInstance', 128, errors);
  checkText(event.action, 'action', 128, errors);
  checkText(event.reason, 'reason', 128, errors);
  if (Buffer.byteLength((core ? event.message : event.note) ?? '') > 1024) {
    errors.push(FieldError.invalid('message', '', 'can have at most 1024 characters'));
  }
}

/** What only holds for those created through events.k8s.io; the server names fields as core/v1 does. */
function checkNewEvent(event: Loose, errors: Errors): void {
  if (!event.eventTime) errors.push(FieldError.required('eventTime'));
  if (event.type !== 'Normal' && event.type !== 'Warning') {
    errors.push(FieldError.invalid('type', '', `has invalid value: ${event.type ?? ''}`));
  }
  const unset = {
    firstTimestamp: event.deprecatedFirstTimestamp,
    lastTimestamp: event.deprecatedLastTimestamp,
    count: event.deprecatedCount,
    source: event.deprecatedSource?.component || event.deprecatedSource?.host,
  };
  for (const [name, value] of Object.entries(unset)) {
    if (value) errors.push(FieldError.invalid(name, '', 'needs to be unset'));
  }
  checkSeries(event.series, errors);
}

function checkSeries(series: Loose | undefined, errors: Errors): void {
  if (!series) return;
  if ((series.count ?? 0) < 2) errors.push(FieldError.invalid('series.count', '', 'should be at least 2'));
  if (!series.lastObservedTime) errors.push(FieldError.required('series.lastObservedTime'));
}

function checkText(text: string | undefined, name: string, maximum: number, errors: Errors): void {
  if (!text) errors.push(FieldError.required(name));
  else if (Buffer.byteLength(text) > maximum) {
    errors.push(FieldError.invalid(name, '', `can have at most ${maximum} characters`));
  }
}

/** Members that stay, with their names in core/v1, which the server uses; it looks at the reason twice. */
const immutableMembers: readonly (readonly [string, string])[] = [
  ['regarding', 'involvedObject'],
  ['reason', 'reason'],
  ['note', 'message'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  ['reason', 'reason'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingController', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
];

/** An Event of events.k8s.io may only count on. */
export function validateEventUpdate(event: Loose, old: Loose): Errors {
  if (event.apiVersion !== 'events.k8s.io/v1') return [];
  const errors: Errors = [];
  // Members that stand for nothing are written by the server and left out by clients.
  const said = (one: Loose, name: string) => (isEmpty(one[name]) ? null : one[name]);
  if (!deepEqual(said(event, 'series'), said(old, 'series'))) checkSeries(event.series, errors);
  for (const [name, inCore] of immutableMembers) {
    if (deepEqual(said(event, name), said(old, name))) continue;
    errors.push(FieldError.invalid(inCore, event[name] ?? '', 'field is immutable'));
  }
  return errors;
}
