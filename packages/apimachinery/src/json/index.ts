export { JsonSyntaxError } from './errors.ts';
export { isJsonObject } from './objects.ts';
export { compareBytes } from './order.ts';
export { type ParseJsonOptions, parseJson } from './parse.ts';
export { quoteJsonString, type StringifyJsonOptions, stringifyJson } from './stringify.ts';
