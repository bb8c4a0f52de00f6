import { isJsonObject } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';

/**
 * A Secret with its `stringData` as `data`. The server does the same and never shows `stringData` again, so that
 * nobody could tell whether it is as it should be, or who owns it.
 */
export function withStringData(intent: KubeObject): KubeObject {
  if (intent.apiVersion !== 'v1' || intent.kind !== 'Secret') return intent;
  const { stringData, data, ...rest } = intent as KubeObject & {
    readonly stringData?: unknown;
    readonly data?: unknown;
  };
  if (!isJsonObject(stringData)) return intent;
  const encoded = Object.entries(stringData)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')] as const);
  return { ...rest, data: { ...(data as object | undefined), ...Object.fromEntries(encoded) } } as KubeObject;
}
