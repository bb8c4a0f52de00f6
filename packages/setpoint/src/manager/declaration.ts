import type { Controller } from '../controller/index.ts';
import type { CacheRule, Crd } from '../kinds/index.ts';
import type { Metric } from '../metrics/index.ts';
import type { Webhook } from '../webhook/index.ts';

/** What a manager runs. */
export interface Declaration {
  readonly name: string;
  readonly controllers: readonly Controller[];
  readonly webhooks?: readonly Webhook[];
  readonly crds?: readonly Crd[];
  readonly cache?: readonly CacheRule[];
  readonly metrics?: readonly Metric[];
}
