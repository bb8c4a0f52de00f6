import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes minutes, longest first. Begun last it would be all that runs in the end, with one processor idle. */
export const longest = [
  'test/conformance/conformance.real.ts',
  'test/kubectl/kubectl.real.ts',
  'test/conformance/controllers.real.ts',
];

/** Puts the longest files first; the others stay in their order. */
export function longestFirst<T extends { readonly moduleId: string }>(files: readonly T[]): T[] {
  const rank = ({ moduleId }: T) => {
    const place = longest.findIndex((path) => moduleId.endsWith(`/${path}`));
    return place === -1 ? longest.length : place;
  };
  return files.toSorted((a, b) => rank(a) - rank(b));
}

/** The order in which `npm run test:real` begins its files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return longestFirst(await super.sort(files));
  }
}
