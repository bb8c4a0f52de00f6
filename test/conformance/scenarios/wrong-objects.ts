import { type Scenario, scenario } from '../scenario.ts';

type Json = Record<string, unknown>;
/** Where something is put into a good object, and what; undefined takes away what is there. */
export type Mistake = readonly [path: string, value: unknown];

interface WrongKind {
  readonly area: string;
  /** `/apis/batch/v1/{}/jobs`; `{}` is the scenario's namespace. */
  readonly collection: string;
  /** `u` in its name is replaced by the scenario's own word. */
  readonly good: Json;
  readonly mistakes: readonly Mistake[];
  /** Those that an update may make as well; default: the same. */
  readonly updates?: readonly Mistake[];
}

/** Objects that are refused, each with one mistake: as new ones, and as updates of a good one. Nothing of it is stored. */
export function wrongObjects({ area, collection, good, mistakes, updates = mistakes }: WrongKind): readonly Scenario[] {
  return [
    scenario(area, 'new ones', async (server) => {
      const path = collection.replace('{}', `namespaces/${server.namespace}`);
      for (const mistake of mistakes) {
        await server.post(`${path}?dryRun=All`, changed(named(good, server.unique), mistake));
      }
    }),
    scenario(area, 'updates', async (server) => {
      const path = collection.replace('{}', `namespaces/${server.namespace}`);
      const made = await server.post(path, named(good, server.unique), { unrecorded: true });
      if (made.status !== 201) throw new Error(`${path}: ${made.text}`);
      const { name } = made.body.metadata;
      for (const mistake of updates) await server.put(`${path}/${name}?dryRun=All`, changed(made.body, mistake));
      await server.delete(`${path}/${name}?propagationPolicy=Background`, { unrecorded: true });
    }),
  ];
}

function named(good: Json, unique: string): Json {
  const metadata = { name: 'u', ...(good.metadata as Json | undefined) } as Json;
  return { ...good, metadata: { ...metadata, name: String(metadata.name).replace(/\bu\b/, unique) } };
}

function changed(object: Json, [path, value]: Mistake): Json {
  const copy = structuredClone(object);
  const steps = path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  let at = copy as Record<string | number, unknown>;
  steps.slice(0, -1).forEach((step, index) => {
    at[step] ??= typeof steps[index + 1] === 'number' ? [] : {};
    at = at[step] as Json;
  });
  const last = steps.at(-1) as string | number;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}
