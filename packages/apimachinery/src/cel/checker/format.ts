import type { Type } from '../types/index.ts';

/** A type as messages name it: `list(int)`, `wrapper(string)`, `timestamp`. */
export const formatType = (type: Type): string => {
  switch (type.kind) {
    case 'any':
      return 'any';
    case 'duration':
      return 'duration';
    case 'error':
      return '!error!';
    case 'null':
      return 'null';
    case 'timestamp':
      return 'timestamp';
    case 'typeParam':
      return type.name;
    default:
      if (type.parameters.length > 0) return `${type.name}(${type.parameters.map(formatType).join(', ')})`;
      return type.nullable === true ? `wrapper(${type.name})` : type.name;
  }
};

/** Argument types as a call has them: `(int, string)`, or `list(int).(string)` for a member function. */
export const formatArguments = (types: readonly Type[], member: boolean): string => {
  const [target, ...rest] = types;
  if (!member || target === undefined) return `(${types.map(formatType).join(', ')})`;
  return `${formatType(target)}.(${rest.map(formatType).join(', ')})`;
};
