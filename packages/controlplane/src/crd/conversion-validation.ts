import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { dns1035Label, dns1123Subdomain, portNumber } from '@setpoint/apimachinery/names';
import type { Conversion } from './definition.ts';

type ClientConfig = NonNullable<NonNullable<Conversion['webhook']>['clientConfig']>;

/** The rules of `spec.conversion`; the paths are those of the server's internal form. */
export function validateConversion(conversion: Conversion | undefined, path: FieldPath): FieldError[] {
  if (conversion === undefined) return [];
  const { strategy = '', webhook } = conversion;
  const clientConfig = path.child('webhookClientConfig');
  const reviewVersions = path.child('conversionReviewVersions');
  const errors = validateStrategy(strategy, path.child('strategy'));
  if (strategy === 'Webhook') {
    errors.push(...validateClientConfig(webhook?.clientConfig, clientConfig));
    errors.push(...validateReviewVersions(webhook?.conversionReviewVersions ?? [], reviewVersions));
    return errors;
  }
  const detail = 'should not be set when strategy is not set to Webhook';
  if (webhook?.clientConfig) errors.push(FieldError.forbidden(clientConfig, detail));
  if ((webhook?.conversionReviewVersions ?? []).length > 0) errors.push(FieldError.forbidden(reviewVersions, detail));
  return errors;
}

function validateStrategy(strategy: string, path: FieldPath): FieldError[] {
  if (strategy === '') return [FieldError.required(path)];
  const strategies = ['None', 'Webhook'];
  return strategies.includes(strategy) ? [] : [FieldError.notSupported(path, strategy, strategies)];
}

function validateClientConfig(config: ClientConfig | undefined, path: FieldPath): FieldError[] {
  if (config === undefined) return [FieldError.required(path, 'required when strategy is set to Webhook')];
  if ((config.url === undefined) === (config.service === undefined)) {
    return [FieldError.required(path, 'exactly one of url or service is required')];
  }
  if (config.url !== undefined) return validateUrl(config.url, path.child('url'));
  return config.service ? validateService(config.service, path.child('service')) : [];
}

function validateUrl(text: string, path: FieldPath): FieldError[] {
  const form = '; desired format: https://host[/path]';
  const match =
    /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:([^@/?#]*)@)?([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/.exec(text);
  if (match === null) return [FieldError.required(path, `url must be a valid URL${form}`)];
  const [, scheme = '', user = '', host = '', query = '', fragment = ''] = match;
  const errors: FieldError[] = [];
  if (scheme !== 'https') {
    errors.push(FieldError.invalid(path, scheme, `'https' is the only allowed URL scheme${form}`));
  }
  if (host === '') errors.push(FieldError.invalid(path, host, `host must be specified${form}`));
  if (user !== '') errors.push(FieldError.invalid(path, user, 'user information is not permitted in the URL'));
  if (fragment !== '') errors.push(FieldError.invalid(path, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(FieldError.invalid(path, query, 'query parameters are not permitted in the URL'));
  return errors;
}

function validateService(service: NonNullable<ClientConfig['service']>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', namespace = '', port = 443, path: urlPath = '' } = service;
  if (name === '') errors.push(FieldError.required(path.child('name')));
  if (namespace === '') errors.push(FieldError.required(path.child('namespace')));
  const problems = portNumber(port);
  if (problems.length > 0) {
    errors.push(FieldError.invalid(path.child('port'), port, `port is not valid: ${problems.join(', ')}`));
  }
  return [...errors, ...validatePath(urlPath, path.child('path'))];
}

function validatePath(urlPath: string, path: FieldPath): FieldError[] {
  if (urlPath === '' || urlPath === '/') return [];
  if (urlPath === '//') return [FieldError.invalid(path, urlPath, 'segment[0] may not be empty')];
  const errors: FieldError[] = [];
  if (!urlPath.startsWith('/')) errors.push(FieldError.invalid(path, urlPath, "must start with a '/'"));
  for (const [i, step] of urlPath.slice(1).replace(/\/$/, '').split('/').entries()) {
    if (step === '') {
      errors.push(FieldError.invalid(path, urlPath, `segment[${i}] may not be empty`));
      continue;
    }
    for (const problem of dns1123Subdomain(step)) {
      errors.push(FieldError.invalid(path, urlPath, `segment[${i}]: ${problem}`));
    }
  }
  return errors;
}

function validateReviewVersions(versions: readonly string[], path: FieldPath): FieldError[] {
  if (versions.length === 0) return [FieldError.required(path)];
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [i, version] of versions.entries()) {
    if (seen.has(version)) {
      errors.push(FieldError.invalid(path.index(i), version, 'duplicate version'));
      continue;
    }
    seen.add(version);
    errors.push(...dns1035Label(version).map((problem) => FieldError.invalid(path.index(i), version, problem)));
  }
  if (!seen.has('v1') && !seen.has('v1beta1')) {
    errors.push(FieldError.invalid(path, versions, 'must include at least one of v1, v1beta1'));
  }
  return errors;
}
