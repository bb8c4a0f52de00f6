type Primitive = string | number | bigint | boolean | symbol | null | undefined;

/** The type with every member readonly, all the way down: what a frozen object is. */
export type DeepReadonly<T> = T extends Primitive | ((...args: never[]) => unknown)
  ? T
  : T extends readonly unknown[]
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T extends object
      ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
      : T;

/** The type with every member writable, all the way down: what the function given to `draft` gets. */
export type Draft<T> = T extends Primitive | ((...args: never[]) => unknown)
  ? T
  : T extends readonly unknown[]
    ? { -readonly [K in keyof T]: Draft<T[K]> }
    : T extends object
      ? { -readonly [K in keyof T]: Draft<T[K]> }
      : T;
