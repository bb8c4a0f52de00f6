import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1035Label, dns1123Subdomain } from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, checkSelector, type Errors } from './common.ts';
import { validateConditions } from './conditions.ts';

export function validateWebhooks(configuration: Loose): Errors {
  const errors: Errors = [];
  const names = new Set<string>();
  (configuration.webhooks ?? []).forEach((webhook: Loose, index: number) => {
    const path = FieldPath.of('webhooks').index(index);
    validateWebhook(webhook, path, errors);
    validateReviewVersions(webhook.admissionReviewVersions, path.child('admissionReviewVersions'), errors);
    if (webhook.name && names.has(webhook.name)) errors.push(FieldError.duplicate(path.child('name'), webhook.name));
    names.add(webhook.name);
  });
  return errors;
}

function validateWebhook(webhook: Loose, path: FieldPath, errors: Errors): void {
  validateQualified(webhook.name ?? '', path.child('name'), errors);
  (webhook.rules ?? []).forEach((rule: Loose, index: number) => {
    validateRule(rule, path.child('rules').index(index), errors);
  });
  const { sideEffects, timeoutSeconds } = webhook;
  if (!sideEffects)
    errors.push(FieldError.required(path.child('sideEffects'), 'must specify one of None, NoneOnDryRun'));
  else if (sideEffects !== 'None' && sideEffects !== 'NoneOnDryRun') {
    errors.push(FieldError.notSupported(path.child('sideEffects'), sideEffects, ['None', 'NoneOnDryRun']));
  }
  if (timeoutSeconds !== undefined && (timeoutSeconds > 30 || timeoutSeconds < 1)) {
    const why = 'the timeout value must be between 1 and 30 seconds';
    errors.push(FieldError.invalid(path.child('timeoutSeconds'), timeoutSeconds, why));
  }
  if (webhook.namespaceSelector) checkSelector(webhook.namespaceSelector, path.child('namespaceSelector'), errors);
  if (webhook.objectSelector) checkSelector(webhook.objectSelector, path.child('objectSelector'), errors);
  validateClient(webhook.clientConfig ?? {}, path.child('clientConfig'), errors);
  validateConditions(webhook.matchConditions, path.child('matchConditions'), errors);
}

function validateReviewVersions(versions: readonly string[] | undefined, path: FieldPath, errors: Errors): void {
  if (!versions || versions.length === 0) {
    errors.push(FieldError.required(path, 'must specify one of v1, v1beta1'));
    return;
  }
  for (const [index, version] of versions.entries()) {
    const at = path.index(index);
    if (versions.indexOf(version) < index) errors.push(FieldError.invalid(at, version, 'duplicate version'));
    else all(dns1035Label(version), at, version, errors);
  }
  if (!versions.some((version) => version === 'v1' || version === 'v1beta1')) {
    errors.push(FieldError.invalid(path, versions, 'must include at least one of v1, v1beta1'));
  }
}

function validateQualified(name: string, path: FieldPath, errors: Errors): void {
  if (name === '') {
    errors.push(FieldError.required(path));
    return;
  }
  const problems = dns1123Subdomain(name);
  if (problems.length > 0) all([problems.join(',')], path, name, errors);
  else if (name.split('.').length < 3) {
    all(['should be a domain with at least three segments separated by dots'], path, name, errors);
  }
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

/** A rule of a webhook or of a policy. */
export function validateRule(rule: Loose, path: FieldPath, errors: Errors): void {
  checkWildcard(rule.operations, 'operations', path.child('operations'), errors);
  (rule.operations ?? []).forEach((operation: string, index: number) => {
    if (operations.includes(operation)) return;
    errors.push(FieldError.notSupported(path.child('operations').index(index), operation, operations));
  });
  checkWildcard(rule.apiGroups, 'API groups', path.child('apiGroups'), errors);
  checkWildcard(rule.apiVersions, 'API versions', path.child('apiVersions'), errors);
  (rule.apiVersions ?? []).forEach((version: string, index: number) => {
    if (version === '') errors.push(FieldError.required(path.child('apiVersions').index(index)));
  });
  validateResources(rule.resources ?? [], path.child('resources'), errors);
}

function checkWildcard(values: readonly string[] | undefined, others: string, path: FieldPath, errors: Errors): void {
  if (isEmpty(values)) errors.push(FieldError.required(path));
  else if (values && values.length > 1 && values.includes('*')) {
    errors.push(FieldError.invalid(path, values, `if '*' is present, must not specify other ${others}`));
  }
}

/** `a`, `a/b`, `a/*`, `*\/b`: none that another one before it means already. */
function validateResources(resources: readonly string[], path: FieldPath, errors: Errors): void {
  if (resources.length === 0) errors.push(FieldError.required(path));
  const allOf = new Set<string>();
  const inAll = new Set<string>();
  let lastIsPlain = false;
  for (const [index, given] of resources.entries()) {
    const at = path.index(index);
    if (given === '') {
      errors.push(FieldError.required(at));
      continue;
    }
    const slash = given.indexOf('/');
    if (slash < 0) {
      lastIsPlain = given !== '*';
      continue;
    }
    const [resource, part] = [given.slice(0, slash), given.slice(slash + 1)];
    const not = (present: string) => `if '${present}' is present, must not specify ${given}`;
    if (allOf.has(resource)) errors.push(FieldError.invalid(at, given, not(`${resource}/*`)));
    if (inAll.has(part)) errors.push(FieldError.invalid(at, given, not(`*/${part}`)));
    if (part === '*') allOf.add(resource);
    if (resource === '*') inAll.add(part);
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(FieldError.invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && lastIsPlain) {
    const why = "if '*' is present, must not specify other resources without subresources";
    errors.push(FieldError.invalid(path, resources, why));
  }
}

function validateClient(client: Loose, path: FieldPath, errors: Errors): void {
  if ((client.url === undefined) === (client.service === undefined)) {
    errors.push(FieldError.required(path, 'exactly one of url or service is required'));
    return;
  }
  if (client.url !== undefined) {
    validateUrl(client.url, path.child('url'), errors);
    return;
  }
  const service = path.child('service');
  if (!client.service.name) errors.push(FieldError.required(service.child('name'), 'service name is required'));
  if (!client.service.namespace) {
    errors.push(FieldError.required(service.child('namespace'), 'service namespace is required'));
  }
}

function validateUrl(text: string, path: FieldPath, errors: Errors): void {
  const form = 'desired format: https://host[/path]';
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    errors.push(FieldError.required(path, `url must be a valid URL: ${form}`));
    return;
  }
  if (url.protocol !== 'https:') {
    errors.push(FieldError.invalid(path, url.protocol.slice(0, -1), `'https' is the only allowed URL scheme; ${form}`));
  }
  if (url.username !== '')
    errors.push(FieldError.invalid(path, url.username, 'user information is not permitted in the URL'));
  if (url.hash !== '')
    errors.push(FieldError.invalid(path, url.hash.slice(1), 'fragments are not permitted in the URL'));
  if (url.search !== '') {
    errors.push(FieldError.invalid(path, url.search.slice(1), 'query parameters are not permitted in the URL'));
  }
}
