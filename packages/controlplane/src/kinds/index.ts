export { canonicalStruct } from './canonical.ts';
export { readCertificateRequest } from './certificate-request.ts';
export { decodeStruct } from './decode.ts';
export { DecodeError } from './decode-error.ts';
export { flowSchemas, priorityLevels } from './flow-control.ts';
export { systemPriorityClasses } from './priority-classes.ts';
export { type BuiltinOptions, builtinResources, scaleResource } from './resources.ts';
