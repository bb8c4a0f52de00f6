/** Those of redhat-cop's cert-utils-operator, so that objects annotated for it work unchanged. */
const prefix = 'cert-utils-operator.redhat-cop.io';

export const annotations = {
  /** On what carries a CA: `namespace/name` of the Secret that has it. */
  injectCaFrom: `${prefix}/injectca-from-secret`,
  /** On a Route or an Ingress: the Secret of its namespace that has certificate and key. */
  certsFrom: `${prefix}/certs-from-secret`,
  /** On a Route: the Secret whose CA signs what the Route forwards to. */
  destinationCaFrom: `${prefix}/destinationCA-from-secret`,
  /** On a Route, beside `certsFrom`: `true` has the CA copied too. */
  injectCa: `${prefix}/inject-CA`,
  /** On a Secret: `true` has the certificates described beside them. */
  certInfo: `${prefix}/generate-cert-info`,
  /** On a Secret: `true` has Events when a certificate is about to expire. */
  expiryAlert: `${prefix}/generate-cert-expiry-alert`,
  /** Go durations. */
  expiryCheckFrequency: `${prefix}/cert-expiry-check-frequency`,
  soonToExpireCheckFrequency: `${prefix}/cert-soon-to-expire-check-frequency`,
  soonToExpireThreshold: `${prefix}/cert-soon-to-expire-threshold`,
  /** Written by this operator: where what it put there came from. Without the wish beside it, it is taken back. */
  injectedFrom: `${prefix}/injected-from`,
  /** Written by this operator on an Ingress: changes with the certificate. */
  certificateHash: `${prefix}/certificate-hash`,
} as const;

interface Annotated {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> | undefined };
}

export function annotation({ metadata }: Annotated, name: string): string | undefined {
  return metadata.annotations?.[name];
}

/** `namespace/name`. @throws Error in one sentence for anything else */
export function secretReference(text: string): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = '', ...rest] = text.split('/');
  if (namespace === '' || name === '' || rest.length > 0) {
    throw new Error(
      `annotation ${annotations.injectCaFrom}: ${JSON.stringify(text)} is not namespace/name of a Secret`,
    );
  }
  return { namespace, name };
}
