import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { canonicalStruct } from '../canonical.ts';
import type { Loose } from '../walk.ts';
import { type Errors, nonNegative } from './common.ts';
import { cronProblem } from './cron.ts';
import { validateJobSpec } from './jobs.ts';

const spec = FieldPath.of('spec');
const longestName = 52;

/** Its Jobs are called after it: eleven more characters must make a name still. */
export function validateNewCronJob(job: Loose): Errors {
  const { name = '' } = job.metadata;
  if (name.length <= longestName) return [];
  return [FieldError.invalid('metadata.name', name, `must be no more than ${longestName} characters`)];
}

export function validateCronJob(job: Loose, old?: Loose): Errors {
  const errors: Errors = [];
  const given = job.spec ?? {};
  checkSchedule(given, old?.spec?.schedule, errors);
  nonNegative(given.startingDeadlineSeconds, spec.child('startingDeadlineSeconds'), errors);
  if (given.timeZone !== undefined && given.timeZone !== old?.spec?.timeZone) {
    for (const problem of timeZoneProblems(given.timeZone)) {
      errors.push(FieldError.invalid(spec.child('timeZone'), given.timeZone, problem));
    }
  }
  const template = given.jobTemplate?.spec ?? {};
  const path = spec.child('jobTemplate', 'spec');
  validateJobSpec(template, path, errors);
  if (template.selector) {
    const shown = canonicalStruct('meta/v1.LabelSelector', template.selector);
    errors.push(FieldError.invalid(path.child('selector'), shown, '`selector` will be auto-generated'));
  }
  if (template.manualSelector) {
    errors.push(FieldError.notSupported(path.child('manualSelector'), true, ['nil', 'false']));
  }
  nonNegative(given.successfulJobsHistoryLimit, spec.child('successfulJobsHistoryLimit'), errors);
  nonNegative(given.failedJobsHistoryLimit, spec.child('failedJobsHistoryLimit'), errors);
  return errors;
}

function checkSchedule({ schedule = '', timeZone }: Loose, old: string | undefined, errors: Errors): void {
  const path = spec.child('schedule');
  if (schedule === '') {
    errors.push(FieldError.required(path));
    return;
  }
  const problem = cronProblem(schedule);
  if (problem) errors.push(FieldError.invalid(path, schedule, problem));
  if (!schedule.includes('TZ')) return;
  if (!old?.includes('TZ')) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';
    errors.push(FieldError.invalid(path, schedule, why));
  } else if (timeZone !== undefined) {
    const why = 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    errors.push(FieldError.invalid(path, schedule, why));
  }
}

function timeZoneProblems(zone: string): readonly string[] {
  if (zone === '') return ['timeZone must be nil or non-empty string'];
  const unknown = `unknown time zone ${zone}`;
  const isPart = (part: string) =>
    part !== '.' && part !== '..' && !part.startsWith('-') && /^[A-Za-z.\-_0-9+]{1,14}$/.test(part);
  if (!zone.split('/').every(isPart)) return [unknown];
  if (zone.toLowerCase() === 'local') {
    const why = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones';
    return zone === 'Local' ? [why] : [why, unknown];
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return [];
  } catch {
    return [unknown];
  }
}
