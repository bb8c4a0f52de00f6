import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { dns1123Subdomain } from '@setpoint/apimachinery/names';
import { isEmpty } from '../defaults/core.ts';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';
import { validateBlock, validatePolicyPort, validatePolicyTypes } from './networks.ts';

// Kinds with a rule or two of their own.

const spec = FieldPath.of('spec');

export function validateRevision(revision: Loose): Errors {
  const errors: Errors = [];
  if (revision.data === undefined) errors.push(FieldError.required('data', 'data is mandatory'));
  if (revision.revision < 0) {
    errors.push(FieldError.invalid('revision', revision.revision, 'must be greater than or equal to 0'));
  }
  return errors;
}

export function validateIngressClass(ingressClass: Loose): Errors {
  const errors: Errors = [];
  const controller: string = ingressClass.spec?.controller ?? '';
  const path = spec.child('controller');
  const [host = '', ...rest] = controller.split('/');
  if (controller === '') errors.push(FieldError.required(path));
  else if (host === '' || rest.join('/') === '') {
    const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
    errors.push(FieldError.invalid(path, controller, why));
  } else all(dns1123Subdomain(host), path, host, errors);
  return errors;
}

export function validateNetworkPolicy(policy: Loose): Errors {
  const errors: Errors = [];
  validatePolicyTypes(policy.spec?.policyTypes ?? [], spec.child('policyTypes'), errors);
  const sides = [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const;
  for (const [side, peers] of sides) {
    (policy.spec?.[side] ?? []).forEach((rule: Loose, index: number) => {
      (rule.ports ?? []).forEach((port: Loose, position: number) => {
        validatePolicyPort(port, spec.child(side).index(index).child('ports').index(position), errors);
      });
      (rule[peers] ?? []).forEach((peer: Loose, position: number) => {
        const path = spec.child(side).index(index).child(peers).index(position);
        if (!peer.podSelector && !peer.namespaceSelector && !peer.ipBlock) {
          errors.push(FieldError.required(path, 'must specify a peer'));
        } else if (peer.ipBlock && (peer.podSelector || peer.namespaceSelector)) {
          errors.push(FieldError.forbidden(path, 'may not specify both ipBlock and another peer'));
        }
        if (peer.ipBlock) validateBlock(peer.ipBlock, path.child('ipBlock'), errors);
      });
    });
  }
  return errors;
}

export function validateEndpoints(endpoints: Loose): Errors {
  const errors: Errors = [];
  (endpoints.subsets ?? []).forEach((subset: Loose, index: number) => {
    if (!isEmpty(subset.addresses) || !isEmpty(subset.notReadyAddresses)) return;
    const path = FieldPath.of('subsets').index(index);
    errors.push(FieldError.required(path, 'must specify `addresses` or `notReadyAddresses`'));
  });
  return errors;
}

export function validateSlice(slice: Loose): Errors {
  const known = ['FQDN', 'IPv4', 'IPv6'];
  if (!slice.addressType) return [FieldError.required('addressType')];
  return known.includes(slice.addressType) ? [] : [FieldError.notSupported('addressType', slice.addressType, known)];
}
