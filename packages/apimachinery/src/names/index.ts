export {
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  dns1123SubdomainCaseless,
  dns1123SubdomainWithUnderscore,
  wildcardDns1123Subdomain,
} from './dns.ts';
export { generateName } from './generate.ts';
export { cIdentifier, decimalInteger, labelValue, qualifiedName } from './label.ts';
export {
  configMapKey,
  environmentVariableName,
  httpHeaderName,
  inRange,
  maximumLengthError,
  pathSegmentName,
  percent,
  portName,
  portNumber,
  regexError,
} from './other.ts';
