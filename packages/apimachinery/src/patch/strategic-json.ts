/** An object while it is merged: it belongs to the patching alone and may be changed. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets a member as JSON means it: `__proto__` is a name like any other. */
export function setMember(object: JsonObject, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

export function deepCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deepCopy);
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) if (value[key] !== undefined) setMember(copy, key, deepCopy(value[key]));
  return copy;
}

/** Takes members that are null out of objects, at any depth; nulls in lists stay. */
export function dropNulls(value: unknown): void {
  if (Array.isArray(value)) for (const element of value) dropNulls(element);
  else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      if (value[key] === null) delete value[key];
      else dropNulls(value[key]);
    }
  }
}

/** What is left of a value to be added: objects with a `$patch` of their own are gone. Undefined: nothing. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((element) => element !== undefined);
  if (!isObject(value)) return value;
  if (Object.hasOwn(value, '$patch')) return undefined;
  for (const key of Object.keys(value)) {
    const member = withoutDirectives(value[key]);
    if (member === undefined) delete value[key];
    else setMember(value, key, member);
  }
  return value;
}
