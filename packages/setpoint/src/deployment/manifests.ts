import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { Part } from './part.ts';
import { resolve, type Template } from './template.ts';

/** The objects of a part with the settings at hand; none where its condition does not hold. */
export function objectsOf(part: Part): readonly KubeObject[] {
  return part.condition && !part.condition.holds ? [] : objectsRegardless(part);
}

/** As `objectsOf`, for a file that stands beside those in use until somebody asks for it. */
export function objectsRegardless({ each, object }: Part): readonly KubeObject[] {
  const templates: readonly Template[] = each ? each.objects : [object];
  return templates.map((template) => resolve(template) as KubeObject);
}

/** All objects that are in use, in the order in which a server takes them. */
export function plainManifests(parts: readonly Part[]): readonly KubeObject[] {
  return parts.flatMap(objectsOf);
}
