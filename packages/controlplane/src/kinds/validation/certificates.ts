import { FieldError, FieldPath, goQuote } from '@setpoint/apimachinery/errors';
import { dns1123Label, dns1123Subdomain } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { certificatesProblem, readCertificateRequest } from '../certificate-request.ts';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import type { Errors } from './common.ts';

const spec = FieldPath.of('spec');
const conditions = FieldPath.of('status', 'conditions');
const decided = ['Approved', 'Denied'];
const settled = [...decided, 'Failed'];

/** Which part of a request is written; each may change other members of the status. */
export type CertificatePart = 'object' | 'status' | 'approval';

export function validateCertificateRequest(request: Loose): Errors {
  return check(request, undefined);
}

export function validateCertificateRequestUpdate(next: Loose, old: Loose, part: CertificatePart): Errors {
  const errors = check(next, old);
  const of = (request: Loose, type: string): Loose[] => conditionsOf(request).filter((one) => one.type === type);
  const refuse = (why: string) => errors.push(FieldError.forbidden(conditions, why));
  for (const type of settled) {
    if (of(next, type).length < of(old, type).length)
      refuse(`updates may not remove a condition of type ${goQuote(type)}`);
  }
  for (const type of part === 'approval' ? [] : decided) {
    const [now, before] = [of(next, type), of(old, type)];
    if (now.length > before.length) refuse(`updates may not add a condition of type ${goQuote(type)}`);
    else if (now.length === before.length && !deepEqual(now, before)) {
      refuse(`updates may not modify a condition of type ${goQuote(type)}\n`);
    }
  }
  const [certificate, former] = [next.status?.certificate ?? '', old.status?.certificate ?? ''];
  if (certificate !== former) {
    const path = FieldPath.of('status', 'certificate');
    if (part !== 'status') errors.push(FieldError.forbidden(path, 'updates may not set certificate content'));
    else if (former !== '') {
      errors.push(FieldError.forbidden(path, 'updates may not modify existing certificate content'));
    }
  }
  return errors;
}

function conditionsOf(request: Loose): readonly Loose[] {
  return request.status?.conditions ?? [];
}

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/** What was wrong before and is as it was is let pass. */
function check(request: Loose, old: Loose | undefined): Errors {
  const errors: Errors = [];
  const { request: text = '', usages: given = [], signerName = '', expirationSeconds } = request.spec ?? {};
  try {
    readCertificateRequest(Buffer.from(text, 'base64').toString('latin1'));
  } catch (error) {
    errors.push(FieldError.invalid(spec.child('request'), text || null, (error as Error).message));
  }
  checkUsages(given, old?.spec?.usages ?? [], errors);
  const path = spec.child('signerName');
  const legacy = 'kubernetes.io/legacy-unknown';
  if (signerName === legacy && old?.spec?.signerName !== legacy) {
    const why = 'the legacy signerName is not allowed via this API version';
    errors.push(FieldError.invalid(path, signerName, why));
  } else checkSigner(signerName, path, errors);
  if (expirationSeconds !== undefined && expirationSeconds < 600) {
    const why = 'may not specify a duration less than 600 seconds (10 minutes)';
    errors.push(FieldError.invalid(spec.child('expirationSeconds'), expirationSeconds, why));
  }
  checkConditions(request, old, errors);
  const certificate = (one: Loose) => Buffer.from(one?.status?.certificate ?? '', 'base64').toString('latin1');
  const arbitrary =
    old !== undefined && (certificate(old) === certificate(request) || certificatesProblem(certificate(old)));
  const problem = arbitrary ? undefined : certificatesProblem(certificate(request));
  if (problem !== undefined) {
    errors.push(FieldError.invalid(FieldPath.of('status', 'certificate'), '<certificate data>', problem));
  }
  return errors;
}

function checkUsages(given: readonly string[], before: readonly string[], errors: Errors): void {
  const path = spec.child('usages');
  if (isEmpty(given)) errors.push(FieldError.required(path));
  if (before.every((one) => usages.includes(one))) {
    given.forEach((usage, index) => {
      if (!usages.includes(usage)) errors.push(FieldError.notSupported(path.index(index), usage, usages));
    });
  }
  if (new Set(before).size === before.length) {
    given.forEach((usage, index) => {
      if (given.indexOf(usage) < index) errors.push(FieldError.duplicate(path.index(index), usage));
    });
  }
}

function checkSigner(name: string, path: FieldPath, errors: Errors): void {
  if (name === '') {
    errors.push(FieldError.required(path));
    return;
  }
  const [domain = '', rest = '', ...more] = name.split('/');
  if (!name.includes('/') || more.length > 0) {
    const why = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errors.push(FieldError.invalid(path, name, why));
    return;
  }
  if (domain.length > 253) errors.push(FieldError.tooLong(path, '', 253));
  const labels = domain.split('.');
  checkLabels(labels, domain, dns1123Label, path, errors);
  if (labels.length < 2) {
    const why = 'should be a domain with at least two segments separated by dots';
    errors.push(FieldError.invalid(path, domain, why));
  }
  checkLabels(rest.split('.'), rest, dns1123Subdomain, path, errors);
  const longest = 253 + 253 + 63 + 1 + 1;
  if (name.length > longest) errors.push(FieldError.tooLong(path, '', longest));
}

/** Only of the first that is wrong. */
function checkLabels(
  labels: readonly string[],
  shown: string,
  rule: (label: string) => readonly string[],
  path: FieldPath,
  errors: Errors,
): void {
  const wrong = labels.find((label) => rule(label).length > 0);
  if (wrong === undefined) return;
  for (const problem of rule(wrong)) {
    errors.push(FieldError.invalid(path, shown, `validating label ${goQuote(wrong)}: ${problem}`));
  }
}

function checkConditions(request: Loose, old: Loose | undefined, errors: Errors): void {
  const before = old ? conditionsOf(old) : [];
  const had = (type: string) => before.some((one) => (one.type ?? '') === type);
  const bothBefore = had('Approved') && had('Denied');
  const repeatedBefore = new Set(before.map((one) => one.type)).size < before.length;
  const seen = new Set<string>();
  conditionsOf(request).forEach((condition, index) => {
    const at = conditions.index(index);
    const { type = '', status = '' } = condition;
    if (type === '' && !had('')) errors.push(FieldError.required(at.child('type')));
    const allowed = settled.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (status === '') errors.push(FieldError.required(at.child('status')));
    else if (!allowed.includes(status)) errors.push(FieldError.notSupported(at.child('status'), status, allowed));
    const opposite = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
    if (opposite && seen.has(opposite) && !bothBefore) {
      const why = 'Approved and Denied conditions are mutually exclusive';
      errors.push(FieldError.invalid(conditions, type, why));
    }
    if (seen.has(type) && !repeatedBefore) errors.push(FieldError.duplicate(at.child('type'), type));
    seen.add(type);
  });
}
