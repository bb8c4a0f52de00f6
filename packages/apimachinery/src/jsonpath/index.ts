export { compileJsonPath, type JsonPath } from './json-path.ts';
export { JsonPathError } from './nodes.ts';
export { printJsonPathValue } from './print.ts';
