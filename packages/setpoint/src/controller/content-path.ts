import { isJsonObject } from '@setpoint/apimachinery/json';

/**
 * The path itself, or else a sentence that says where it leaves the type: `.spec.nmae` of a kind without such a field.
 * Understands `.name`, `['a key']`, `[0]` and `[*]`; what a type does not know (maps, `any`) it lets pass.
 *
 * ```ts
 * contentChanged<R, const P extends string>(path: CheckedContentPath<R, P>): …
 * ```
 */
export type CheckedContentPath<R, P extends string> = [PathProblem<R, P, ''>] extends [never]
  ? P
  : PathProblem<R, P, ''>;

type PathProblem<T, P extends string, Done extends string> = 0 extends 1 & T
  ? never
  : P extends ''
    ? never
    : P extends `['${infer Key}']${infer Rest}`
      ? MemberProblem<T, Key, Rest, `${Done}['${Key}']`>
      : P extends `[${infer Index}]${infer Rest}`
        ? T extends readonly (infer Element)[]
          ? PathProblem<NonNullable<Element>, Rest, `${Done}[${Index}]`>
          : `${Done} is no list`
        : P extends `.${infer Steps}`
          ? MemberProblem<T, Head<Steps>, Tail<Steps>, `${Done}.${Head<Steps>}`>
          : `a path begins with a dot: .${P}`;

type MemberProblem<T, Key extends string, Rest extends string, Done extends string> = [Member<T, Key>] extends [never]
  ? `there is no ${Done}`
  : unknown extends Member<T, Key>
    ? never
    : PathProblem<NonNullable<Member<T, Key>>, Rest, Done>;

/** Of a union, what those members have that know the key. */
type Member<T, Key extends string> = T extends unknown ? (Key extends keyof T ? T[Key] : never) : never;

/** Up to the first dot or bracket. */
type Head<S extends string> = S extends `${infer A}.${string}`
  ? A extends `${infer B}[${string}`
    ? B
    : A
  : S extends `${infer B}[${string}`
    ? B
    : S;

type Tail<S extends string> = S extends `${Head<S>}${infer Rest}` ? Rest : '';

type Step = { readonly key: string } | { readonly index: number | '*' };

/** @throws Error that says where the path cannot be read */
export function compileContentPath(path: string): (object: unknown) => readonly unknown[] {
  const steps = parse(path);
  return (object) =>
    steps.reduce<readonly unknown[]>((values, step) => values.flatMap((value) => take(value, step)), [object]);
}

function parse(path: string): readonly Step[] {
  const steps: Step[] = [];
  const step = /\.([^.[\]'"*]+)|\['([^']*)'\]|\[(\d+|\*)\]/y;
  while (step.lastIndex < path.length) {
    const at = step.lastIndex;
    const found = step.exec(path);
    if (!found) {
      throw new Error(
        `path ${path} cannot be read from ${JSON.stringify(path.slice(at))}: write .name, ['a name with dots'], [0] or [*]`,
      );
    }
    const [, name, quoted, index] = found;
    if (index !== undefined) steps.push({ index: index === '*' ? '*' : Number(index) });
    else steps.push({ key: name ?? quoted ?? '' });
  }
  if (steps.length === 0) throw new Error('a path is needed, such as .spec');
  return steps;
}

function take(value: unknown, step: Step): readonly unknown[] {
  if ('key' in step) return isJsonObject(value) && Object.hasOwn(value, step.key) ? [value[step.key]] : [];
  if (!Array.isArray(value)) return [];
  return step.index === '*' ? value : value.slice(step.index, step.index + 1);
}
