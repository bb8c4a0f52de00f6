import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Label, dns1123Subdomain } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { canonicalStruct } from '../canonical.ts';
import { isEmpty } from '../defaults/core.ts';
import { mandatoryFlowSchemas, mandatoryPriorityLevels } from '../flow-control.ts';
import { internalStruct } from '../internal-struct.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';

const spec = FieldPath.of('spec');
const group = 'flowcontrol.apiserver.k8s.io/v1';
const largestPrecedence = 10_000;

export function validateFlowSchema(schema: Loose): Errors {
  const errors: Errors = [];
  const { name = '' } = schema.metadata;
  const given = schema.spec ?? {};
  checkPrecedence(name, given.matchingPrecedence ?? 0, errors);
  const methods = ['ByNamespace', 'ByUser'];
  if (given.distinguisherMethod && !methods.includes(given.distinguisherMethod.type)) {
    const shown = internalStruct(`${group}.FlowDistinguisherMethod`, given.distinguisherMethod);
    errors.push(FieldError.notSupported(spec.child('distinguisherMethod', 'type'), shown, methods));
  }
  const level = given.priorityLevelConfiguration?.name ?? '';
  const at = spec.child('priorityLevelConfiguration', 'name');
  if (level === '') errors.push(FieldError.required(at, 'must reference a priority level'));
  else all(dns1123Subdomain(level), at, level, errors);
  (given.rules ?? []).forEach((rule: Loose, index: number) => {
    checkRule(rule, spec.child('rules').index(index), errors);
  });
  const fixed = mandatoryFlowSchemas[name];
  if (fixed && !deepEqual(canonical('FlowSchemaSpec', given), canonical('FlowSchemaSpec', fixed))) {
    const shown = internalStruct(`${group}.FlowSchemaSpec`, given);
    errors.push(FieldError.invalid(spec, shown, `spec of '${name}' must equal the fixed value`));
  }
  return [...errors, ...validateConditionTypes(schema)];
}

function canonical(type: string, value: Loose): unknown {
  return canonicalStruct(`${group}.${type}`, value);
}

function checkPrecedence(name: string, precedence: number, errors: Errors): void {
  const at = spec.child('matchingPrecedence');
  if (precedence <= 0) errors.push(FieldError.invalid(at, precedence, 'must be a positive value'));
  if (precedence > largestPrecedence) {
    errors.push(FieldError.invalid(at, precedence, `must not be greater than ${largestPrecedence}`));
  }
  if (precedence === 1 && name !== 'exempt') {
    errors.push(FieldError.invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  }
}

function checkRule(rule: Loose, path: FieldPath, errors: Errors): void {
  if (isEmpty(rule.subjects)) {
    errors.push(FieldError.required(path.child('subjects'), 'subjects must contain at least one value'));
  }
  (rule.subjects ?? []).forEach((subject: Loose, index: number) => {
    checkSubject(subject, path.child('subjects').index(index), errors);
  });
  if (isEmpty(rule.resourceRules) && isEmpty(rule.nonResourceRules)) {
    const why = 'at least one of resourceRules and nonResourceRules has to be non-empty';
    errors.push(FieldError.required(path, why));
  }
  (rule.resourceRules ?? []).forEach((one: Loose, index: number) => {
    checkResourceRule(one, path.child('resourceRules').index(index), errors);
  });
  (rule.nonResourceRules ?? []).forEach((one: Loose, index: number) => {
    checkNonResourceRule(one, path.child('nonResourceRules').index(index), errors);
  });
}

/** The member that each kind of subject is said in. */
const members = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const;
const others = {
  Group: ['serviceAccount', 'user'],
  ServiceAccount: ['user', 'group'],
  User: ['serviceAccount', 'group'],
} as const;

function checkSubject(subject: Loose, path: FieldPath, errors: Errors): void {
  const kind = subject.kind as keyof typeof members;
  const member = Object.hasOwn(members, kind ?? '') ? members[kind] : undefined;
  if (member === undefined) {
    errors.push(FieldError.notSupported(path.child('kind'), subject.kind ?? '', Object.keys(members)));
    return;
  }
  const at = path.child(member);
  const named = subject[member];
  if (!named) errors.push(FieldError.required(at, `${member} is required when subject kind is '${kind}'`));
  else if (!named.name) errors.push(FieldError.required(at.child('name')));
  else if (kind === 'ServiceAccount' && named.name !== '*') {
    all(dns1123Subdomain(named.name), at.child('name'), named.name, errors);
  }
  if (named && kind === 'ServiceAccount') {
    if (named.namespace) all(dns1123Label(named.namespace), at.child('namespace'), named.namespace, errors);
    else errors.push(FieldError.required(at.child('namespace'), 'must specify namespace for service account'));
  }
  for (const other of others[kind]) {
    if (!subject[other]) continue;
    const word = Object.entries(members).find(([, name]) => name === other)?.[0];
    errors.push(FieldError.forbidden(path.child(other), `${other} is forbidden when subject kind is not '${word}'`));
  }
}

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

function checkVerbs(given: readonly string[], path: FieldPath, errors: Errors): void {
  const at = path.child('verbs');
  if (given.length === 0) errors.push(FieldError.required(at, 'verbs must contain at least one value'));
  else if (given.includes('*')) {
    if (given.length > 1) {
      errors.push(FieldError.invalid(at, given, "if '*' is present, must not specify other verbs"));
    }
  } else if (!given.every((verb) => verbs.includes(verb))) errors.push(FieldError.notSupported(at, given, verbs));
}

function checkResourceRule(rule: Loose, path: FieldPath, errors: Errors): void {
  checkVerbs(rule.verbs ?? [], path, errors);
  const sets = [
    ['apiGroups', 'api group'],
    ['resources', 'resource'],
  ] as const;
  for (const [member, word] of sets) {
    const given: readonly string[] = rule[member] ?? [];
    if (given.length === 0) {
      errors.push(FieldError.required(path.child(member), `resource rules must supply at least one ${word}`));
    } else if (given.length > 1 && given.includes('*')) {
      const why = `if '*' is present, must not specify other ${word}s`;
      errors.push(FieldError.invalid(path.child(member), given, why));
    }
  }
  const namespaces: readonly string[] = rule.namespaces ?? [];
  const at = path.child('namespaces');
  if (namespaces.length === 0 && !rule.clusterScope) {
    const why = 'resource rules that are not cluster scoped must supply at least one namespace';
    errors.push(FieldError.required(at, why));
  } else if (namespaces.includes('*')) {
    if (namespaces.length > 1) {
      errors.push(FieldError.invalid(at, namespaces, "if '*' is present, must not specify other namespaces"));
    }
  } else {
    namespaces.forEach((namespace, index) => {
      for (const problem of dns1123Label(namespace)) {
        const why = `each member of this list must be '*' or a DNS-1123 label; ${problem}`;
        errors.push(FieldError.invalid(at.index(index), namespace, why));
      }
    });
  }
}

function checkNonResourceRule(rule: Loose, path: FieldPath, errors: Errors): void {
  checkVerbs(rule.verbs ?? [], path, errors);
  const at = path.child('nonResourceURLs');
  const urls: readonly string[] = rule.nonResourceURLs ?? [];
  if (urls.length === 0) errors.push(FieldError.required(at, 'nonResourceURLs must contain at least one value'));
  else if (urls.includes('*')) {
    if (urls.length > 1) {
      errors.push(FieldError.invalid(at, urls, "if '*' is present, must not specify other non-resource URLs"));
    }
  } else {
    urls.forEach((url, index) => {
      const problem = urlProblem(url);
      if (problem !== undefined) errors.push(FieldError.invalid(at.index(index), url, problem));
    });
  }
}

function urlProblem(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (url === '/') return undefined;
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const stars = url.split('*').length - 1;
  return stars > 1 || (stars === 1 && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}

const roundTrip = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';

export function validatePriorityLevel(level: Loose): Errors {
  const errors: Errors = [];
  const { name = '', annotations = {} } = level.metadata;
  if (Object.hasOwn(annotations, roundTrip)) {
    errors.push(FieldError.forbidden('metadata.annotations', `annotation '${roundTrip}' is forbidden`));
  }
  const given = level.spec ?? {};
  if ((name === 'exempt') !== (given.type === 'Exempt')) {
    const why = "must be 'Exempt' if and only if `name` is 'exempt'";
    errors.push(FieldError.invalid(spec.child('type'), given.type ?? '', why));
  }
  checkLevelSpec(given, errors);
  const fixed = mandatoryPriorityLevels[name];
  if (fixed) {
    const comparable = (one: Loose) =>
      canonical('PriorityLevelConfigurationSpec', name === 'exempt' ? { ...one, exempt: undefined } : one);
    if (!deepEqual(comparable(given), comparable(fixed))) {
      const but = name === 'exempt' ? " except the 'spec.exempt' field" : '';
      const shown = internalStruct(`${group}.PriorityLevelConfigurationSpec`, given);
      errors.push(FieldError.invalid(spec, shown, `spec of '${name}'${but} must equal the fixed value`));
    }
  }
  return [...errors, ...validateConditionTypes(level)];
}

function checkLevelSpec(given: Loose, errors: Errors): void {
  const { type, limited, exempt } = given;
  if (type === 'Exempt') {
    if (limited) errors.push(FieldError.forbidden(spec.child('limited'), 'must be nil if the type is not Limited'));
    if (exempt) {
      checkShares(exempt, spec.child('exempt'), errors);
      checkLendable(exempt, spec.child('exempt'), errors);
    }
  } else if (type === 'Limited') {
    if (exempt) errors.push(FieldError.forbidden(spec.child('exempt'), 'must be nil if the type is Limited'));
    if (limited) checkLimited(limited, spec.child('limited'), errors);
    else errors.push(FieldError.required(spec.child('limited'), 'must not be empty when type is Limited'));
  } else if (!type) errors.push(FieldError.required(spec.child('type')));
  else errors.push(FieldError.notSupported(spec.child('type'), type, ['Exempt', 'Limited']));
}

function checkShares({ nominalConcurrencyShares: shares }: Loose, path: FieldPath, errors: Errors): void {
  if (shares !== undefined && shares < 0) {
    errors.push(FieldError.invalid(path.child('nominalConcurrencyShares'), shares, 'must be a non-negative integer'));
  }
}

function checkLendable({ lendablePercent: percent }: Loose, path: FieldPath, errors: Errors): void {
  if (percent !== undefined && (percent < 0 || percent > 100)) {
    errors.push(FieldError.invalid(path.child('lendablePercent'), percent, 'must be between 0 and 100, inclusive'));
  }
}

function checkLimited(limited: Loose, path: FieldPath, errors: Errors): void {
  checkShares(limited, path, errors);
  checkLimitResponse(limited.limitResponse ?? {}, path.child('limitResponse'), errors);
  checkLendable(limited, path, errors);
  const { borrowingLimitPercent: percent } = limited;
  if (percent !== undefined && percent < 0) {
    const why = 'if specified, must be a non-negative integer';
    errors.push(FieldError.invalid(path.child('borrowingLimitPercent'), percent, why));
  }
}

function checkLimitResponse({ type, queuing }: Loose, path: FieldPath, errors: Errors): void {
  const at = path.child('queuing');
  if (type === 'Reject') {
    if (queuing) errors.push(FieldError.forbidden(at, 'must be nil if limited.limitResponse.type is not Limited'));
  } else if (type === 'Queue') {
    if (queuing) checkQueuing(queuing, at, errors);
    else errors.push(FieldError.required(at, 'must not be empty if limited.limitResponse.type is Limited'));
  } else if (!type) errors.push(FieldError.required(path.child('type')));
  else errors.push(FieldError.notSupported(path.child('type'), type, ['Queue', 'Reject']));
}

const mostQueues = 10_000_000;
const mostBits = 60;

function checkQueuing(queuing: Loose, path: FieldPath, errors: Errors): void {
  const { queueLengthLimit = 0, queues = 0, handSize = 0 } = queuing;
  const refuse = (member: string, value: number, why: string) =>
    errors.push(FieldError.invalid(path.child(member), value, why));
  if (queueLengthLimit <= 0) refuse('queueLengthLimit', queueLengthLimit, 'must be positive');
  if (queues <= 0) refuse('queues', queues, 'must be positive');
  else if (queues > mostQueues) refuse('queues', queues, `must not be greater than ${mostQueues}`);
  if (handSize <= 0) refuse('handSize', handSize, 'must be positive');
  else if (handSize > queues) refuse('handSize', handSize, `should not be greater than queues (${queues})`);
  else if (entropyBits(queues, handSize) > mostBits) {
    const what = `required entropy bits of deckSize ${queues} and handSize ${handSize}`;
    refuse('handSize', handSize, `${what} should not be greater than ${mostBits}`);
  }
}

/** What shuffle sharding takes of a hash to deal a hand. */
function entropyBits(deckSize: number, handSize: number): number {
  return Math.ceil(Math.log2(deckSize) * handSize);
}

/** Conditions have a type, each another. */
export function validateConditionTypes({ status }: Loose): Errors {
  const errors: Errors = [];
  const seen = new Set<string>();
  (status?.conditions ?? []).forEach((condition: Loose, index: number) => {
    const at = FieldPath.of('status', 'conditions').index(index).child('type');
    const type = condition.type ?? '';
    if (seen.has(type)) errors.push(FieldError.duplicate(at, type));
    seen.add(type);
    if (type === '') errors.push(FieldError.required(at));
  });
  return errors;
}
