export { type ApiOptions, apiFiles, controllerName, fileName } from './api-files.ts';
export { type Addition, addToOperator } from './edit-operator.ts';
export { type ProjectOptions, projectFiles, type ScaffoldFile } from './project-files.ts';
export { versions } from './versions.ts';
export { type Written, writeMissing, writeNewFolder } from './write.ts';
