import { goQuote } from '../../errors/index.ts';
import type { FunctionLibrary } from '../interpret/index.ts';
import { CelError, compareStrings, noSuchOverload, OpaqueValue, toInt, type Value } from '../values/index.ts';

/** Kubernetes' `semver`: versions of Semantic Versioning 2. */

interface Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  /** Numeric parts are bigint: they come before and compare other than texts. */
  readonly prerelease: readonly (bigint | string)[];
}

export class SemverValue extends OpaqueValue {
  readonly typeName = 'kubernetes.Semver';
  readonly goType = 'cel.Semver';
  readonly version: Version;

  constructor(version: Version) {
    super();
    this.version = version;
  }

  equalTo(other: Value): boolean | CelError {
    return other instanceof SemverValue ? compareVersions(this, other) === 0 : noSuchOverload(other);
  }
}

const names = ['Major', 'Minor', 'Patch'];

function readNumber(text: string, name: string): bigint | CelError {
  if (!/^\d+$/.test(text)) {
    // An empty number passes upstream's check of its characters and fails only where it is read.
    if (text === '') return new CelError('strconv.ParseUint: parsing "": invalid syntax');
    return new CelError(`Invalid character(s) found in ${name.toLowerCase()} number ${goQuote(text)}`);
  }
  if (text.length > 1 && text.startsWith('0')) {
    return new CelError(`${name} number must not contain leading zeroes ${goQuote(text)}`);
  }
  return readUint64(text);
}

function readUint64(text: string): bigint | CelError {
  const number = BigInt(text);
  return number < 2n ** 64n ? number : new CelError(`strconv.ParseUint: parsing ${goQuote(text)}: value out of range`);
}

/** At most `count` parts, the last with all the rest. */
function splitAt(text: string, separator: string, count: number): string[] {
  const parts = text.split(separator);
  return parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

function readVersion(text: string): SemverValue | CelError {
  if (text === '') return new CelError('Version string empty');
  const parts = splitAt(text, '.', 3);
  if (parts.length !== 3) return new CelError('No Major.Minor.Patch elements found');
  const [major = '', minor = '', rest = ''] = parts;
  const plus = rest.indexOf('+');
  const build = plus < 0 ? undefined : rest.slice(plus + 1).split('.');
  const beforeBuild = plus < 0 ? rest : rest.slice(0, plus);
  const dash = beforeBuild.indexOf('-');
  const prerelease = dash < 0 ? [] : beforeBuild.slice(dash + 1).split('.');
  const numbers: bigint[] = [];
  for (const [i, digits] of [major, minor, dash < 0 ? beforeBuild : beforeBuild.slice(0, dash)].entries()) {
    const number = readNumber(digits, names[i] as string);
    if (number instanceof CelError) return number;
    numbers.push(number);
  }
  const labels = readPrerelease(prerelease);
  if (labels instanceof CelError) return labels;
  for (const label of build ?? []) {
    if (label === '') return new CelError('Build meta data is empty');
    if (!/^[0-9A-Za-z-]+$/.test(label)) {
      return new CelError(`Invalid character(s) found in build meta data ${goQuote(label)}`);
    }
  }
  return new SemverValue({ numbers: numbers as [bigint, bigint, bigint], prerelease: labels });
}

function readPrerelease(labels: readonly string[]): (bigint | string)[] | CelError {
  const read: (bigint | string)[] = [];
  for (const label of labels) {
    if (label === '') return new CelError('Prerelease is empty');
    if (!/^[0-9A-Za-z-]+$/.test(label)) {
      return new CelError(`Invalid character(s) found in prerelease ${goQuote(label)}`);
    }
    if (!/^\d+$/.test(label)) read.push(label);
    else {
      if (/^0\d/.test(label)) {
        return new CelError(`Numeric PreRelease version must not contain leading zeroes ${goQuote(label)}`);
      }
      const number = readUint64(label);
      if (number instanceof CelError) return number;
      read.push(number);
    }
  }
  return read;
}

/** Also takes `v1`, `1.2` and leading zeros. */
function readTolerantly(text: string): SemverValue | CelError {
  const parts = splitAt(text.replace(/^v/, ''), '.', 3).map((part) => {
    if (part.length <= 1) return part;
    const rest = part.replace(/^0+/, '');
    return /^\d/.test(rest) ? rest : `0${rest}`;
  });
  if (parts.length < 3 && /[+-]/.test(parts.at(-1) ?? '')) {
    return new CelError('short version cannot contain PreRelease/Build meta data');
  }
  while (parts.length < 3) parts.push('0');
  return readVersion(parts.join('.'));
}

const read = (text: Value, isTolerant: Value = false): SemverValue | CelError =>
  isTolerant === true ? readTolerantly(text as string) : readVersion(text as string);

const isVersion = (text: Value, isTolerant: Value = false): Value => read(text, isTolerant) instanceof SemverValue;

function compareVersions(a: Value, b: Value): -1 | 0 | 1 {
  const [left, right] = [(a as SemverValue).version, (b as SemverValue).version];
  for (const [i, number] of left.numbers.entries()) {
    const other = right.numbers[i] as bigint;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0) {
    return order(right.prerelease.length === 0 ? 0 : 1, left.prerelease.length === 0 ? 0 : 1);
  }
  const length = Math.min(left.prerelease.length, right.prerelease.length);
  for (let i = 0; i < length; i++) {
    const compared = compareLabels(left.prerelease[i] as bigint | string, right.prerelease[i] as bigint | string);
    if (compared !== 0) return compared;
  }
  return order(left.prerelease.length, right.prerelease.length);
}

const order = <T extends number | bigint>(a: T, b: T): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0);

function compareLabels(a: bigint | string, b: bigint | string): -1 | 0 | 1 {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? order(a, b) : -1;
  return typeof b === 'bigint' ? 1 : compareStrings(a, b);
}

const number = (id: string, at: 0 | 1 | 2) => ({
  overloads: {
    [id]: { unary: (value: Value) => toInt(BigInt.asIntN(64, (value as SemverValue).version.numbers[at])) },
  },
});

export const semverFunctions: FunctionLibrary = {
  semver: {
    overloads: { string_to_semver: { unary: (text) => read(text) }, string_bool_to_semver: { binary: read } },
  },
  isSemver: {
    overloads: { is_semver_string: { unary: (text) => isVersion(text) }, is_semver_string_bool: { binary: isVersion } },
  },
  isGreaterThan: { overloads: { semver_is_greater_than: { binary: (a, b) => compareVersions(a, b) === 1 } } },
  isLessThan: { overloads: { semver_is_less_than: { binary: (a, b) => compareVersions(a, b) === -1 } } },
  compareTo: { overloads: { semver_compare_to: { binary: compareVersions } } },
  major: number('semver_major', 0),
  minor: number('semver_minor', 1),
  patch: number('semver_patch', 2),
};
