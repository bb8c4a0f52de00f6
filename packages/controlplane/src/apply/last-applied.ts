import { JsonSyntaxError, parseJson, stringifyJson } from '@setpoint/apimachinery/json';
import type { KubeObject } from '@setpoint/apimachinery/meta';
import { asTyped, compare, type FieldSet, TypedValueError, type TypeSchema, toFieldSet } from './merge/index.ts';
import { withoutManagedFields } from './tools.ts';

/** The one manager that is believed about what it applied on its own side. */
export const lastAppliedManager = 'kubectl';

const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
const annotationsLimit = 256 * 1024;

/** What was applied on the client's side and has not been changed since; undefined where nothing can be said. */
export function allowedByLastApplied(live: KubeObject, apiVersion: string, type: TypeSchema): FieldSet | undefined {
  const text = live.metadata.annotations?.[annotation];
  if (!text) return undefined;
  try {
    const lastApplied = parseJson(Buffer.from(text)) as unknown as KubeObject;
    if (typeof lastApplied !== 'object' || lastApplied === null || !lastApplied.kind) return undefined;
    if (lastApplied.apiVersion !== apiVersion) return undefined;
    const present = asTyped(withoutManagedFields(live), type);
    const wanted = asTyped(lastApplied, type);
    const { modified, added, removed } = compare(wanted, present);
    return toFieldSet(wanted).difference(modified).difference(added).difference(removed);
  } catch (error) {
    if (error instanceof TypedValueError || error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

/**
 * The object with what was applied in its annotation, if it has that: so whoever goes back to applying on his own side
 * finds what he expects. Undefined if it has none.
 */
export function withLastApplied(object: KubeObject, intent: KubeObject): KubeObject | undefined {
  if (!object.metadata.annotations?.[annotation]) return undefined;
  const annotations: Record<string, string> = { ...object.metadata.annotations, [annotation]: textOf(intent) };
  if (sizeOf(annotations) > annotationsLimit) delete annotations[annotation];
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function textOf(intent: KubeObject): string {
  const { annotations } = intent.metadata ?? {};
  if (!annotations) return `${stringifyJson(intent, { sortKeys: true })}\n`;
  const { [annotation]: _, ...others } = annotations;
  const without = { ...intent, metadata: { ...intent.metadata, annotations: others } };
  return `${stringifyJson(without, { sortKeys: true })}\n`;
}

function sizeOf(annotations: Readonly<Record<string, string>>): number {
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) size += Buffer.byteLength(key) + Buffer.byteLength(value);
  return size;
}
