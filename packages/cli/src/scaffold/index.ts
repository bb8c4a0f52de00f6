export { type ApiOptions, apiFiles, controllerName, fileName, variableName } from './api-files.ts';
export {
  type ApiRequest,
  apiOptions,
  belongsToKubernetes,
  checkVersion,
  firstGroup,
  firstKind,
  wholeGroup,
} from './api-names.ts';
export { type Change, edited, make, missing } from './changes.ts';
export { addImports, type Import, importsOf, isTaken, localNameOf } from './edit-imports.ts';
export { type Addition, addToOperator } from './edit-operator.ts';
export { type Settings, withDeployment, withJsonSettings } from './edit-settings.ts';
export {
  appendMember,
  type Edit,
  hasMember,
  inStyle,
  type ObjectExpression,
  parseSource,
  propertyOf,
  type Source,
  stringOf,
  unwrapped,
  withEdits,
} from './edit-source.ts';
export { type ExternalOptions, externalFiles, externalPath, fromSibling } from './external-files.ts';
export { type Licence, spdx, withLicence } from './licence.ts';
export { builtinModule, type KindNames } from './names.ts';
export {
  commandsOf,
  detectPackageManager,
  imageInstall,
  isClassicYarn,
  namedPackageManager,
  type PackageManager,
  type PackageManagerName,
  packageManagers,
} from './package-manager.ts';
export { type ProjectOptions, projectFiles, type ScaffoldFile } from './project-files.ts';
export {
  callsOf,
  type Declaration,
  type DeclaredKind,
  declaredKinds,
  isWanted,
  refersTo,
  sourceAt,
  sourcesWith,
} from './project-sources.ts';
export {
  crdFile,
  crdName,
  crdPath,
  declaredCrd,
  hubIs,
  otherSample,
  otherVersion,
  roundTripTest,
  type Version,
  versionOf,
  versionPath,
  withVersion,
} from './version-files.ts';
export { nodePackages, versions } from './versions.ts';
export {
  keyText,
  literal,
  quotedText,
  type WebhookHalves,
  type WebhookKind,
  webhookFile,
  webhookMembers,
  webhookName,
  webhookTest,
  webhookTestPath,
} from './webhook-files.ts';
export { refuseOccupied, writeNewFolder } from './write.ts';
