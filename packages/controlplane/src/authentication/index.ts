export {
  type AuthenticationOptions,
  type Authenticator,
  createAuthenticator,
  createTokenJudge,
  type TokenJudge,
} from './authenticate.ts';
export { Impersonation, impersonates } from './impersonation.ts';
export { createOpenIdDocuments } from './openid.ts';
export { identityReviews } from './reviews.ts';
export { parseServiceAccountUser, type Reference, serviceAccountUser } from './service-account.ts';
export { createSigningKey, newSigningKey, type SigningKey } from './signing-key.ts';
export { tokenRequest } from './token-request.ts';
export { ServiceAccountTokens } from './tokens.ts';
