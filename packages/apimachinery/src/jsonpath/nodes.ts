/** A path as its parser leaves it; evaluated in json-path.ts. */
export type Node =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'number'; readonly value: number; readonly integer: boolean }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** A bare word (`range` and `end` too): can be read, but never evaluated. */
  | { readonly type: 'identifier'; readonly name: string }
  | { readonly type: 'field'; readonly name: string }
  | {
      readonly type: 'slice';
      readonly start?: number;
      readonly end?: number;
      readonly step?: number;
      readonly index: boolean;
    }
  | {
      readonly type: 'filter';
      readonly left: readonly Node[];
      readonly operator: string;
      readonly right: readonly Node[];
    }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' }
  | { readonly type: 'union'; readonly alternatives: readonly (readonly Node[])[] };

/** A path that cannot be read, or cannot be evaluated on a value. */
export class JsonPathError extends Error {
  readonly code = 'JsonPathError';
  override readonly name = 'JsonPathError';
}
