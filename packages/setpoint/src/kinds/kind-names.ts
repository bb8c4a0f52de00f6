import { SchemaError } from '../schema/index.ts';

const label = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export interface KindNames {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

/** Throws where the API server would refuse the names of a custom resource. */
export function checkKindNames(names: KindNames): void {
  const { group, version, kind, plural, singular, shortNames, categories } = names;
  const refuse = (option: string, value: string | undefined, rule: string): never => {
    throw new SchemaError({
      code: 'InvalidName',
      kind: kind || '(a kind without a name)',
      path: option,
      message: value === undefined ? 'it is missing' : `'${value}' is no name for it`,
      advice: rule,
    });
  };
  // Where types are not looked at, anything may be missing.
  if (typeof group !== 'string' || !subdomain.test(group) || !group.includes('.') || group.length > 253)
    refuse('group', group, 'give a domain in lower case with at least one dot, such as my-team.example.com');
  if (typeof version !== 'string' || !label.test(version))
    refuse('version', version, 'give something like v1, v1beta1 or v2alpha3');
  if (typeof kind !== 'string' || !/^[A-Z]/.test(kind) || !label.test(kind.toLowerCase()))
    refuse('kind', kind, 'give a singular noun in CamelCase of letters and digits, such as EasyService');
  const words: readonly (readonly [string, readonly string[]])[] = [
    ['plural', [plural]],
    ['singular', [singular]],
    ['shortNames', shortNames],
    ['categories', categories],
  ];
  for (const [option, values] of words)
    for (const value of values)
      if (!label.test(value))
        refuse(option, value, 'give lower-case letters, digits and dashes, beginning with a letter, 63 at most');
}
