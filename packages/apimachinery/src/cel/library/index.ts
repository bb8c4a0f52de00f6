import { type Bindings, type FunctionLibrary, mergeLibraries } from '../interpret/index.ts';
import { authorizerFunctions } from './authorizer.ts';
import { kubernetesListFunctions, listFunctions, setFunctions } from './lists.ts';
import { formatFunctions } from './named-formats.ts';
import { cidrFunctions, ipFunctions } from './network.ts';
import { mapInsertFunctions, optionalFunctions } from './optionals.ts';
import { constantPatterns, patternFunctions } from './patterns.ts';
import { quantityFunctions } from './quantities.ts';
import { standardFunctions } from './standard.ts';
import { stringFunctions } from './strings.ts';
import { urlFunctions } from './urls.ts';
import { semverFunctions } from './versions.ts';

export {
  type Authorizer,
  type AuthorizerAnswer,
  type AuthorizerQuestion,
  authorizerValue,
  type PathQuestion,
  type ResourceQuestion,
  resourceCheckValue,
} from './authorizer.ts';

const jsonPatchFunctions: FunctionLibrary = {
  'jsonpatch.escapeKey': {
    overloads: {
      string_jsonpatch_escapeKey_string: {
        unary: (key) => (key as string).replaceAll('~', '~0').replaceAll('/', '~1'),
      },
    },
  },
};

let bindings: Bindings | undefined;

/** How the functions of all libraries are carried out. Which of them an expression may call is the environment's. */
export function functionBindings(): Bindings {
  bindings ??= {
    patterns: constantPatterns,
    functions: mergeLibraries([
      standardFunctions,
      patternFunctions,
      urlFunctions,
      kubernetesListFunctions,
      authorizerFunctions,
      optionalFunctions,
      quantityFunctions,
      stringFunctions,
      setFunctions,
      ipFunctions,
      cidrFunctions,
      formatFunctions,
      mapInsertFunctions,
      semverFunctions,
      listFunctions,
      jsonPatchFunctions,
    ]),
  };
  return bindings;
}
