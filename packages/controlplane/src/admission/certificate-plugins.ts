import { deepEqual } from '@setpoint/apimachinery/patch';
import { readCertificateRequest } from '../kinds/index.ts';
import type { MutableObject } from '../registry/index.ts';
import type { AdmissionAttributes } from '../verbs/index.ts';
import type { AuthorizerOf } from './expressions/activation.ts';
import type { AdmissionPlugin, AdmissionSubject } from './plugin.ts';
import { refused } from './refusal.ts';

const group = 'certificates.k8s.io';

const isRequest = (part: string, operation: string) => (subject: AdmissionSubject) =>
  subject.group === group &&
  subject.resource === 'certificatesigningrequests' &&
  subject.subresource === part &&
  subject.operation === operation;

/** Who approves must be allowed to, for this signer or all of its domain. */
export function certificateApproval(authorizerOf: AuthorizerOf): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    handles: isRequest('approval', 'UPDATE'),
    validate(attributes) {
      const signer = signerOf(attributes.oldObject);
      if (maySpeakFor(attributes, authorizerOf, 'approve', signer)) return undefined;
      throw refused(attributes, `user not permitted to approve requests with signerName ${JSON.stringify(signer)}`);
    },
  };
}

/** Who puts a certificate there, or says what became of the request, must be allowed to sign. */
export function certificateSigning(authorizerOf: AuthorizerOf): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    handles: isRequest('status', 'UPDATE'),
    validate(attributes) {
      const [now, before] = [attributes.object?.status, (attributes.oldObject as MutableObject | undefined)?.status];
      const isSame =
        now?.certificate === before?.certificate && deepEqual(now?.conditions ?? [], before?.conditions ?? []);
      const signer = signerOf(attributes.oldObject);
      if (isSame || maySpeakFor(attributes, authorizerOf, 'sign', signer)) return undefined;
      throw refused(attributes, `user not permitted to sign requests with signerName ${JSON.stringify(signer)}`);
    },
  };
}

/** Nobody becomes an administrator by way of a certificate. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  handles: isRequest('', 'CREATE'),
  validate(attributes) {
    const signer = 'kubernetes.io/kube-apiserver-client';
    const spec = attributes.object?.spec;
    if (spec?.signerName !== signer) return undefined;
    const { organizations } = readCertificateRequest(Buffer.from(spec.request, 'base64').toString('latin1'));
    if (!organizations.includes('system:masters')) return undefined;
    throw refused(attributes, `use of ${signer} signer with system:masters group is not allowed`);
  },
};

function signerOf(request: unknown): string {
  return (request as MutableObject | undefined)?.spec?.signerName ?? '';
}

function maySpeakFor(
  attributes: AdmissionAttributes,
  authorizerOf: AuthorizerOf,
  verb: 'approve' | 'sign',
  signer: string,
): boolean {
  const authorizer = authorizerOf(attributes);
  const domain = signer.slice(0, signer.includes('/') ? signer.indexOf('/') : signer.length);
  return [signer, `${domain}/*`].some(
    (name) =>
      authorizer.authorize({
        kind: 'resource',
        verb,
        group,
        resource: 'signers',
        subresource: '',
        namespace: '',
        name,
        fieldSelector: '',
        labelSelector: '',
      }).allowed,
  );
}
