import type { AnyKind } from './kind.ts';

interface SchemaLike {
  readonly properties?: Readonly<Record<string, SchemaLike | undefined>>;
}

/** Whether this operator defines the kind, with `status.conditions`. */
export function declaresConditions(kind: AnyKind): boolean {
  const schema = kind.definition?.schema as SchemaLike | undefined;
  return kind.subresources.status && schema?.properties?.status?.properties?.conditions !== undefined;
}
