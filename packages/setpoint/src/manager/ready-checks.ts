import type { WebhookHost } from '../webhook/index.ts';
import type { Crew } from './crew.ts';
import type { Health } from './health.ts';
import type { ManagerState } from './types.ts';

/** What the checks of a manager look at. */
export interface ReadySubject {
  readonly status: () => ManagerState['status'];
  readonly crew: Crew;
  /** Whether it is going to serve webhooks. */
  readonly servesWebhooks: boolean;
  /** Undefined until they are served. */
  readonly webhooks: () => WebhookHost | undefined;
}

/** What a manager says of itself at /readyz: its caches are filled and its controllers work, its webhooks are served. */
export function addReadyChecks(health: Health, subject: ReadySubject): void {
  // What these say names kinds and addresses, and no secrets.
  const reveal = { reveal: true };
  health.add('readyz', 'caches', () => checkCaches(subject), reveal);
  if (subject.servesWebhooks) health.add('readyz', 'webhooks', () => checkWebhooks(subject), reveal);
}

function checkCaches({ status, crew }: ReadySubject): void {
  const waits = crew.obstacles();
  if (waits.length > 0) throw new Error(waits.join('; '));
  switch (status()) {
    case 'running':
      return;
    case 'starting':
      throw new Error(crew.unsynced() ?? 'the controllers have not started yet');
    case 'new':
      throw new Error('not started yet');
    default:
      throw new Error('the operator stops');
  }
}

function checkWebhooks({ webhooks }: ReadySubject): void {
  const host = webhooks();
  if (!host) throw new Error('the webhooks are not served yet');
  host.ready();
}
