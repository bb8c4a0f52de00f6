import {
  type CertificatePart,
  validateCertificateRequest,
  validateCertificateRequestUpdate,
} from '../validation/certificates.ts';
import type { Loose } from '../walk.ts';
import type { KindRules, RuleContext } from './types.ts';

/** Nobody approves by what he says of the status: each part of it has a subresource of its own. */
export const certificateRequestRules: KindRules = {
  // They may be called anything.
  name: () => [],
  prepareForCreate(request, _context, user) {
    const { username: _u, uid: _i, groups: _g, extra: _e, ...rest } = request.spec ?? {};
    const extra = user?.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {};
    const asked = user ? { username: user.name, groups: [...user.groups], ...extra } : {};
    request.spec = { ...rest, ...asked, ...(user?.uid ? { uid: user.uid } : {}) };
    delete request.status;
  },
  prepareForUpdate: (request, old) => {
    request.spec = old.spec;
  },
  prepareForStatusUpdate(request, old, context) {
    for (const type of ['Approved', 'Denied']) keepConditions(request, old, type);
    fillTimes(request, old, context);
  },
  validateCreate: validateCertificateRequest,
  validateUpdate: (next, old) => updateErrors(next, old, 'object'),
  validateStatusUpdate: (next, old) => updateErrors(next, old, 'status'),
  parts: {
    approval: {
      prepare(request, old, context) {
        fillTimes(request, old, context);
        request.spec = old.spec;
        const conditions = request.status?.conditions;
        request.status = { ...old.status, ...(conditions ? { conditions } : {}) };
        if (!conditions) delete request.status.conditions;
      },
      validate: (next, old) => updateErrors(next, old, 'approval'),
    },
  },
  selectable: (request) => ({ 'spec.signerName': request.spec?.signerName ?? '' }),
};

function updateErrors(next: Loose, old: Loose, part: CertificatePart) {
  return validateCertificateRequestUpdate(next, old, part);
}

/** Those of a type stay as they were, unless some are added or taken away, which validation refuses. */
function keepConditions(request: Loose, old: Loose, type: string): void {
  const of = (one: Loose): Loose[] => (one.status?.conditions ?? []).filter((item: Loose) => item.type === type);
  const before = of(old);
  if (before.length === 0 || before.length !== of(request).length) return;
  let next = 0;
  request.status.conditions = request.status.conditions.map((one: Loose) => (one.type === type ? before[next++] : one));
}

function fillTimes(request: Loose, old: Loose, { clock }: RuleContext): void {
  const now = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
  if (!request.status?.conditions) return;
  request.status = {
    ...request.status,
    conditions: request.status.conditions.map((given: Loose) => {
      const before = (old.status?.conditions ?? []).find(
        (one: Loose) => one.type === given.type && one.status === given.status && one.lastTransitionTime,
      );
      return {
        ...given,
        lastUpdateTime: given.lastUpdateTime || now,
        lastTransitionTime: given.lastTransitionTime || before?.lastTransitionTime || now,
      };
    }),
  };
}
