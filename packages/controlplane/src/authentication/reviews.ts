import type { Clock } from '@setpoint/apimachinery/clock';
import type { Action, MutableObject, UserInfo } from '../registry/index.ts';
import { badRequest } from '../status/index.ts';
import type { TokenJudge } from './authenticate.ts';

export interface IdentityReviewOptions {
  readonly judge: TokenJudge;
  /** Whom a token must be for where the review does not say. */
  readonly audiences: readonly string[];
  readonly clock: Clock;
}

/** What answers the reviews of authentication.k8s.io, by the type of their bodies. */
export function identityReviews(options: IdentityReviewOptions): Readonly<Record<string, Action>> {
  return {
    'authentication.k8s.io/v1.TokenReview': {
      async run(review, request) {
        const { token = '', audiences = [] } = (review.spec ?? {}) as { token?: string; audiences?: string[] };
        if (token === '') throw badRequest('token is required for TokenReview in authentication');
        await request.validate();
        return answerTokenReview(review, options.judge(token, audiences.length > 0 ? audiences : options.audiences));
      },
    },
    'authentication.k8s.io/v1.SelfSubjectReview': {
      async run(_review, request) {
        await request.validate();
        const creationTimestamp = `${new Date(options.clock.now()).toISOString().slice(0, 19)}Z`;
        const apiVersion = 'authentication.k8s.io/v1';
        const status = { userInfo: describeUser(request.user) };
        const answer = { kind: 'SelfSubjectReview', apiVersion, metadata: { creationTimestamp }, status };
        return answer;
      },
    },
  };
}

function answerTokenReview(review: MutableObject, judged: ReturnType<TokenJudge>): MutableObject {
  const { user, audiences, error } = judged;
  review.status = {
    ...(user ? { authenticated: true } : {}),
    user: user ? describeUser(user) : {},
    ...(user ? { audiences } : {}),
    ...(error === undefined ? {} : { error }),
  };
  return review;
}

/** Members in the order in which the server writes them. */
function describeUser({ name, uid, groups, extra }: UserInfo): object {
  const sorted = Object.entries(extra ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...(name === '' ? {} : { username: name }),
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(sorted.length > 0 ? { extra: Object.fromEntries(sorted) } : {}),
  };
}
