import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import {
  dns1123Label,
  dns1123Subdomain,
  inRange,
  pathSegmentName,
  portName,
  wildcardDns1123Subdomain,
} from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { isAddress } from './addresses.ts';
import { all, checkImmutable, type Errors } from './common.ts';
import { domainPrefixedPath } from './domain-path.ts';

const spec = FieldPath.of('spec');
const classAnnotation = 'kubernetes.io/ingress.class';

export function validateIngress(ingress: Loose, old?: Loose): Errors {
  const errors: Errors = [];
  const { rules, defaultBackend, tls, ingressClassName } = ingress.spec ?? {};
  if (isEmpty(rules) && !defaultBackend) {
    errors.push(FieldError.invalid(spec, rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend) checkBackend(defaultBackend, spec.child('defaultBackend'), errors);
  (rules ?? []).forEach((rule: Loose, index: number) => {
    checkRule(rule, spec.child('rules').index(index), errors);
  });
  const hadBadSecret = (old?.spec?.tls ?? []).some((one: Loose) => dns1123Subdomain(one.secretName || 'a').length > 0);
  (tls ?? []).forEach((one: Loose, index: number) => {
    const path = spec.child('tls').index(index);
    (one.hosts ?? []).forEach((host: string, position: number) => {
      const check = host.includes('*') ? wildcardDns1123Subdomain : dns1123Subdomain;
      all(check(host), path.child('hosts').index(position), host, errors);
    });
    if (one.secretName && !hadBadSecret) {
      all(dns1123Subdomain(one.secretName), path.child('secretName'), one.secretName, errors);
    }
  });
  if (ingressClassName !== undefined) {
    all(dns1123Subdomain(ingressClassName), spec.child('ingressClassName'), ingressClassName, errors);
  }
  return errors;
}

export function validateNewIngress(ingress: Loose): Errors {
  const name = ingress.metadata.annotations?.[classAnnotation];
  const other = ingress.spec?.ingressClassName;
  if (name === undefined || other === undefined || name === other) return [];
  const why = 'must match `ingressClassName` when both are specified';
  return [FieldError.invalid(FieldPath.of('annotations').child(classAnnotation), name, why)];
}

export function ingressWarnings(ingress: Loose): readonly string[] {
  if (ingress.metadata.annotations?.[classAnnotation] === undefined) return [];
  return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];
}

function checkHost(host: string, path: FieldPath, errors: Errors): void {
  if (isAddress(host)) errors.push(FieldError.invalid(path, host, 'must be a DNS name, not an IP address'));
  const check = host.includes('*') ? wildcardDns1123Subdomain : dns1123Subdomain;
  all(check(host), path, host, errors);
}

function checkRule(rule: Loose, path: FieldPath, errors: Errors): void {
  if (rule.host) checkHost(rule.host, path.child('host'), errors);
  if (!rule.http) return;
  const at = path.child('http', 'paths');
  if (isEmpty(rule.http.paths)) errors.push(FieldError.required(at));
  (rule.http.paths ?? []).forEach((one: Loose, index: number) => {
    checkPath(one, at.index(index), errors);
  });
}

const forbiddenParts = ['//', '/./', '/../', '%2f', '%2F'];
const forbiddenEnds = ['/..', '/.'];

function checkPath(one: Loose, path: FieldPath, errors: Errors): void {
  const known = ['Exact', 'ImplementationSpecific', 'Prefix'];
  const { pathType, path: text = '' } = one;
  if (pathType === undefined) {
    errors.push(FieldError.required(path.child('pathType'), 'pathType must be specified'));
    return;
  }
  const refuse = (why: string) => errors.push(FieldError.invalid(path.child('path'), text, why));
  if (!known.includes(pathType)) errors.push(FieldError.notSupported(path.child('pathType'), pathType, known));
  else if (pathType === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) refuse('must be an absolute path');
  } else {
    if (!text.startsWith('/')) refuse('must be an absolute path');
    for (const part of forbiddenParts) if (text.includes(part)) refuse(`must not contain '${part}'`);
    for (const end of forbiddenEnds) if (text.endsWith(end)) refuse(`cannot end with '${end}'`);
  }
  checkBackend(one.backend ?? {}, path.child('backend'), errors);
}

function checkBackend({ service, resource }: Loose, path: FieldPath, errors: Errors): void {
  if (resource && service) {
    errors.push(FieldError.invalid(path, '', 'cannot set both resource and service backends'));
  } else if (resource) checkReference(resource, path.child('resource'), errors);
  else if (!service) errors.push(FieldError.invalid(path, '', 'resource or service backend is required'));
  else {
    const at = path.child('service');
    if (!service.name) errors.push(FieldError.required(at.child('name')));
    else all(dns1123Label(service.name), at.child('name'), service.name, errors);
    const { name, number } = service.port ?? {};
    if (name && number) errors.push(FieldError.invalid(path, '', 'cannot set both port name & port number'));
    else if (name) all(portName(name), at.child('port', 'name'), name, errors);
    else if (number) all(inRange(number, 1, 65535), at.child('port', 'number'), number, errors);
    else errors.push(FieldError.required(path, 'port name or number is required'));
  }
}

/** An object of whatever kind. */
function checkReference({ apiGroup, kind = '', name = '' }: Loose, path: FieldPath, errors: Errors): void {
  if (apiGroup !== undefined) all(dns1123Subdomain(apiGroup), path.child('apiGroup'), apiGroup, errors);
  for (const [member, value] of [
    ['kind', kind],
    ['name', name],
  ] as const) {
    if (value === '') errors.push(FieldError.required(path.child(member)));
    else all(pathSegmentName(value), path.child(member), value, errors);
  }
}

/** Addresses at which an Ingress can be reached. */
export function validateIngressStatus({ status }: Loose): Errors {
  const errors: Errors = [];
  (status?.loadBalancer?.ingress ?? []).forEach(({ ip, hostname }: Loose, index: number) => {
    const path = FieldPath.of('status', 'loadBalancer', 'ingress').index(index);
    if (ip && !isAddress(ip)) {
      const why = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
      errors.push(FieldError.invalid(path.child('ip'), ip, why));
    }
    if (!hostname) return;
    all(dns1123Subdomain(hostname), path.child('hostname'), hostname, errors);
    if (!isAddress(hostname)) return;
    errors.push(FieldError.invalid(path.child('hostname'), hostname, 'must be a DNS name, not an IP address'));
  });
  return errors;
}

const longestController = 250;

export function validateIngressClass({ spec: given = {} }: Loose): Errors {
  const errors: Errors = [];
  const { controller = '', parameters } = given;
  const path = spec.child('controller');
  if (Buffer.byteLength(controller) > longestController) errors.push(FieldError.tooLong(path, '', longestController));
  domainPrefixedPath(controller, path, errors);
  if (parameters) checkParameters(parameters, spec.child('parameters'), errors);
  return errors;
}

export function validateIngressClassUpdate(next: Loose, old: Loose): Errors {
  const errors: Errors = [];
  checkImmutable(next.spec?.controller ?? '', old.spec?.controller ?? '', spec.child('controller'), errors);
  return errors;
}

function checkParameters(parameters: Loose, path: FieldPath, errors: Errors): void {
  checkReference(parameters, path, errors);
  const { scope, namespace } = parameters;
  const [at, scopes] = [path.child('namespace'), ['Cluster', 'Namespace']];
  if (scope === undefined) errors.push(FieldError.required(path.child('scope')));
  else if (!scopes.includes(scope)) errors.push(FieldError.notSupported(path.child('scope'), scope, scopes));
  else if (scope === 'Cluster') {
    if (namespace !== undefined) errors.push(FieldError.forbidden(at, "`parameters.scope` is set to 'Cluster'"));
  } else if (namespace === undefined) {
    errors.push(FieldError.required(at, "`parameters.scope` is set to 'Namespace'"));
  } else all(dns1123Label(namespace), at, namespace, errors);
}
