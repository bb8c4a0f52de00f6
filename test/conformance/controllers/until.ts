import type { Answer, ScenarioServer } from '../scenario.ts';

/** The real controllers take their time: five seconds before a namespace is emptied, eight until they look again. */
const attempts = 4;

/** Repeats a GET until it fits, for half a minute or a little longer, and records one more. */
export async function settledGet(
  server: ScenarioServer,
  path: string,
  fits: (answer: Answer) => boolean,
): Promise<Answer> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (fits(await server.until(path, fits))) break;
  }
  return server.get(path);
}

export const isGone = ({ status }: Answer) => status === 404;

/** The list has so many items. */
export const hasItems =
  (count: number) =>
  ({ body }: Answer) =>
    body?.items?.length === count;

/** Long enough for a controller to do what it should not. */
export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
