export { listsLibrary, optionalLibrary, setsLibrary, stringsLibrary, twoVariableLibrary } from './extensions.ts';
export {
  authorizationLibrary,
  cidrLibrary,
  formatLibrary,
  ipLibrary,
  jsonPatchLibrary,
  kubernetesListsLibrary,
  quantityLibrary,
  regexLibrary,
  semverLibrary,
  urlLibrary,
} from './kubernetes.ts';
export { kubernetesLibraries } from './kubernetes-libraries.ts';
export { type Library, libraryFunctions, parseType } from './library.ts';
export type { FunctionDeclaration, OverloadDeclaration, VariableDeclaration } from './model.ts';
export { standardLibrary } from './standard.ts';
