import type { ApiRequest, ApiResponse } from '../http/index.ts';
import { methodNotAllowed } from '../status/index.ts';
import type { ServiceAccountTokens } from './tokens.ts';

/** `/.well-known/openid-configuration` and the keys it leads to, by which others check tokens of service accounts. */
export function createOpenIdDocuments(
  tokens: ServiceAccountTokens,
): (request: ApiRequest, path: string) => ApiResponse | undefined {
  return (request, path) => {
    const isConfiguration = path === '/.well-known/openid-configuration';
    if (!isConfiguration && path !== '/openid/v1/jwks') return undefined;
    if (request.method !== 'GET') throw methodNotAllowed();
    if (!isConfiguration) return document({ keys: tokens.key.publicKeys() }, 'application/jwk-set+json');
    const host = request.headers[':authority'] ?? request.headers.host ?? 'kubernetes.default.svc';
    return document(
      {
        issuer: tokens.issuer,
        jwks_uri: `https://${host}/openid/v1/jwks`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: [...new Set(tokens.key.publicKeys().map(({ alg }) => alg))],
      },
      'application/json',
    );
  };
}

function document(content: object, type: string): ApiResponse {
  return {
    status: 200,
    headers: { 'content-type': type, 'cache-control': 'public, max-age=3600' },
    body: Buffer.from(JSON.stringify(content)),
  };
}
