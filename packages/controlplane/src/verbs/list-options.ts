import { FieldError, goQuote } from '@setpoint/apimachinery/errors';
import { queryBoolean, queryInteger, refuseInvalidOptions } from './write-options.ts';

/** What a list or a watch is asked for, as the query has it. */
export interface ListOptions {
  readonly watch: boolean;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly limit: number;
  readonly continue: string;
  readonly timeoutSeconds: number | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

/** @throws StatusError 400 for what cannot be read, 422 for what does not go together */
export function parseListOptions(query: URLSearchParams): ListOptions {
  const options: ListOptions = {
    watch: queryBoolean(query, 'watch') ?? false,
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    limit: queryInteger(query, 'limit') ?? 0,
    continue: query.get('continue') ?? '',
    timeoutSeconds: queryInteger(query, 'timeoutSeconds'),
    allowWatchBookmarks: queryBoolean(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: queryBoolean(query, 'sendInitialEvents'),
  };
  const defaulted = options.watch ? withWatchDefaults(options) : options;
  refuseInvalidOptions('ListOptions', options.watch ? validateWatch(defaulted) : validateList(defaulted));
  return defaulted;
}

/** A watch from anywhere that says nothing about initial events gets them, as it always did. */
function withWatchDefaults(options: ListOptions): ListOptions {
  const { resourceVersion, resourceVersionMatch, sendInitialEvents } = options;
  if (sendInitialEvents !== undefined || resourceVersionMatch !== '') return options;
  if (resourceVersion !== '' && resourceVersion !== '0') return options;
  return { ...options, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
}

const matchField = 'resourceVersionMatch';

function validateList(options: ListOptions): FieldError[] {
  const { resourceVersion, resourceVersionMatch: match } = options;
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(
        FieldError.forbidden(matchField, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
      );
    }
    errors.push(...forbidContinue(options));
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(FieldError.notSupported(matchField, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      const why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"';
      errors.push(FieldError.forbidden(matchField, why));
    }
  }
  if (options.sendInitialEvents !== undefined) {
    errors.push(FieldError.forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function validateWatch(options: ListOptions): FieldError[] {
  const { resourceVersionMatch: match, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(
      FieldError.forbidden(matchField, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    );
  }
  if (match === '') return errors;
  if (sendInitialEvents === undefined) {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided';
    errors.push(FieldError.forbidden(matchField, why));
  }
  if (match !== 'NotOlderThan') errors.push(FieldError.notSupported(matchField, match, ['NotOlderThan']));
  return [...errors, ...forbidContinue(options)];
}

function forbidContinue(options: ListOptions): FieldError[] {
  if (options.continue === '') return [];
  return [FieldError.forbidden(matchField, 'resourceVersionMatch is forbidden when continue is provided')];
}

/**
 * A resourceVersion as a number; undefined if it is not given.
 * @throws RevisionSyntaxError for anything but digits
 */
export function parseRevision(text: string): number | undefined {
  if (text === '') return undefined;
  if (!/^\d+$/.test(text)) throw new RevisionSyntaxError(text, 'invalid syntax');
  if (BigInt(text) >= 1n << 64n) throw new RevisionSyntaxError(text, 'value out of range');
  return Number(text);
}

/** The verbs dress it differently. */
export class RevisionSyntaxError extends Error {
  override readonly name = 'RevisionSyntaxError';

  constructor(text: string, why: string) {
    super(`resourceVersion: Invalid value: ${goQuote(text)}: strconv.ParseUint: parsing ${goQuote(text)}: ${why}`);
  }
}
