import { listsLibrary, optionalLibrary, setsLibrary, stringsLibrary, twoVariableLibrary } from './extensions.ts';
import {
  authorizationLibrary,
  cidrLibrary,
  formatLibrary,
  ipLibrary,
  kubernetesListsLibrary,
  quantityLibrary,
  regexLibrary,
  semverLibrary,
  urlLibrary,
} from './kubernetes.ts';
import type { Library } from './library.ts';
import { standardLibrary } from './standard.ts';

/**
 * What every expression of a Kubernetes 1.36 API server may use, in the order in which overloads of one name are tried.
 * Mutating policies have `jsonPatchLibrary` besides.
 */
export const kubernetesLibraries: readonly Library[] = [
  standardLibrary,
  urlLibrary,
  regexLibrary,
  kubernetesListsLibrary,
  authorizationLibrary,
  optionalLibrary,
  quantityLibrary,
  stringsLibrary,
  setsLibrary,
  ipLibrary,
  cidrLibrary,
  formatLibrary,
  twoVariableLibrary,
  semverLibrary,
  listsLibrary,
];
