export { rootCertificateData, rootCertificateMap, rootCertificatePublisher } from './root-certificate.ts';
export { type SecretTokens, secretTokenController } from './secret-tokens.ts';
export { serviceAccountController } from './service-accounts.ts';
