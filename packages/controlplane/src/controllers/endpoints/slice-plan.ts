import { deepEqual } from '@setpoint/apimachinery/patch';
import type { MutableObject } from '../../registry/index.ts';

const longestSlice = 100;

/** Endpoints that share their ports. */
export interface SliceGroup {
  readonly ports: readonly object[];
  readonly endpoints: readonly MutableObject[];
}

export interface SlicePlan {
  readonly create: readonly MutableObject[];
  readonly update: readonly { readonly name: string; readonly endpoints: unknown; readonly ports: unknown }[];
  /** Names. */
  readonly delete: readonly string[];
}

interface Draft {
  readonly name: string;
  readonly ports: readonly object[];
  endpoints: MutableObject[];
}

/**
 * How to come from the slices that there are to the endpoints that there should be, with as few writes as the real
 * controller makes: endpoints stay where they are, gaps of slices that change anyway are filled first, and a Service
 * without endpoints has one empty slice.
 */
export function planSlices(wanted: {
  readonly existing: readonly MutableObject[];
  isOwned(slice: MutableObject): boolean;
  readonly groups: readonly SliceGroup[];
  blank(ports: readonly object[]): MutableObject;
  hasLabels(slice: MutableObject): boolean;
}): SlicePlan {
  const { existing, groups, blank } = wanted;
  const owned = existing.filter(wanted.isOwned);
  const doomed = existing.filter((slice) => !wanted.isOwned(slice)).map(nameOf);
  const update: Draft[] = [];
  const create: MutableObject[] = [];
  const free: Draft[] = [];
  const samePorts = (slice: MutableObject, ports: readonly object[]) => deepEqual(slice.ports ?? [], ports);
  for (const group of groups) {
    const slices = owned.filter((slice) => samePorts(slice, group.ports));
    const planned = planGroup(group, slices, wanted.hasLabels, blank);
    update.push(...planned.update);
    create.push(...planned.create);
    free.push(...planned.emptied);
  }
  for (const slice of owned) {
    if (!groups.some((group) => samePorts(slice, group.ports)))
      free.push({ name: nameOf(slice), ports: [], endpoints: [] });
  }
  if (existing.length === free.length + doomed.length && create.length === 0) {
    const [only] = owned;
    const isPlaceholder =
      only && existing.length === 1 && !only.endpoints?.length && !only.ports?.length && wanted.hasLabels(only);
    if (isPlaceholder) free.length = 0;
    else create.push(blank([]));
  }
  // What would be deleted is used again for what would be created.
  while (free.length > 0 && create.length > 0) {
    const { name } = free.shift() as Draft;
    const { endpoints, ports } = create.pop() as MutableObject;
    update.push({ name, endpoints, ports });
  }
  return { create, update, delete: [...doomed, ...free.map(({ name }) => name)] };
}

function planGroup(
  { ports, endpoints }: SliceGroup,
  slices: readonly MutableObject[],
  hasLabels: (slice: MutableObject) => boolean,
  blank: (ports: readonly object[]) => MutableObject,
): {
  readonly update: readonly Draft[];
  readonly create: readonly MutableObject[];
  readonly emptied: readonly Draft[];
} {
  const left = new Map(endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
  const update: Draft[] = [];
  const unchanged: Draft[] = [];
  const emptied: Draft[] = [];
  for (const slice of slices) {
    const before: readonly MutableObject[] = slice.endpoints ?? [];
    const kept = before.flatMap((endpoint) => left.get(identityOf(endpoint)) ?? []);
    for (const endpoint of kept) left.delete(identityOf(endpoint));
    const draft = { name: nameOf(slice), ports, endpoints: kept };
    const isSame = kept.length === before.length && kept.every((one, i) => deepEqual(one, before[i]));
    if (!isSame) (kept.length === 0 ? emptied : update).push(draft);
    else if (hasLabels(slice)) unchanged.push(draft);
    else update.push(draft);
  }
  const rest = [...left.values()];
  const fill = (draft: { endpoints: MutableObject[] }) => {
    draft.endpoints = [...draft.endpoints, ...rest.splice(0, longestSlice - draft.endpoints.length)];
  };
  for (const draft of [...update].sort((a, b) => b.endpoints.length - a.endpoints.length))
    if (rest.length > 0) fill(draft);
  const create: MutableObject[] = [];
  while (rest.length > 0) {
    const place = roomFor(rest.length, unchanged);
    if (place) {
      unchanged.splice(unchanged.indexOf(place), 1);
      fill(place);
      update.push(place);
      continue;
    }
    const slice = { ...blank(ports), endpoints: [] as MutableObject[] };
    fill(slice);
    create.push(slice as unknown as MutableObject);
  }
  return { update, create, emptied };
}

/** The slice that so many endpoints fill best. */
function roomFor(count: number, slices: readonly Draft[]): Draft | undefined {
  if (count >= longestSlice) return undefined;
  const fitting = slices.filter(
    (slice) => slice.endpoints.length + count <= longestSlice && slice.endpoints.length > 0,
  );
  return fitting.sort((a, b) => b.endpoints.length - a.endpoints.length)[0];
}

function identityOf({ addresses, hostname, targetRef }: MutableObject): string {
  return JSON.stringify([addresses, hostname, targetRef?.namespace, targetRef?.name]);
}

function nameOf({ metadata }: MutableObject): string {
  return metadata.name ?? '';
}
