export {
  type CertificateAuthority,
  type CertificateOptions,
  createCertificateAuthority,
  type KeyPair,
  restoreCertificateAuthority,
} from './certificates.ts';
