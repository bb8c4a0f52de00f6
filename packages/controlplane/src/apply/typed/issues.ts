import { goNumber, goQuote } from '@setpoint/apimachinery/errors';
import { compareBytes } from '@setpoint/apimachinery/json';
import type { JsonObject, JsonValue } from '@setpoint/apimachinery/meta';
import { goValue } from '@setpoint/apimachinery/patch';
import { elementText, type PathElement } from '../fieldpath/index.ts';
import type { ScalarType } from './type-schema.ts';

/** One thing that is wrong with a value. */
export interface Issue {
  /** `.spec.ports[containerPort=80]`; empty for the value itself. */
  path: string;
  readonly message: string;
}

/** Values that do not fit their type, in the words of the server. */
export class TypedValueError extends Error {
  override readonly name = 'TypedValueError';
  readonly issues: readonly Readonly<Issue>[];

  /** `context` says what was being done. */
  constructor(issues: readonly Readonly<Issue>[], context = '') {
    const lines = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
    const text =
      lines.length === 1 ? (lines[0] as string) : ['errors:', ...lines.map((line) => `  ${line}`)].join('\n');
    super(context === '' ? text : `${context}: ${text}`);
    this.issues = issues;
  }
}

/** Says of the issues from `since` on that they are below an element. */
export function prefixIssues(issues: Issue[], since: number, element: PathElement): void {
  if (issues.length === since) return;
  const text = elementText(element, false);
  for (let i = since; i < issues.length; i++) {
    const issue = issues[i] as Issue;
    issue.path = text + issue.path;
  }
}

/** Why a value is not such a scalar; null is any. */
export function scalarIssue(scalar: ScalarType, value: JsonValue | undefined, prefix = ''): Issue | undefined {
  if (value === undefined || value === null) return undefined;
  const type = typeof value;
  switch (scalar) {
    case 'numeric':
      if (type === 'number' || type === 'bigint') return undefined;
      return { path: '', message: `${prefix}expected numeric (int or float), got ${goType(value)}` };
    case 'string':
      if (type === 'string') return undefined;
      return { path: '', message: `${prefix}expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}` };
    case 'boolean':
      if (type === 'boolean') return undefined;
      return { path: '', message: `${prefix}expected boolean, got &{${goValue(value)}}` };
    case 'untyped':
      if (type !== 'object') return undefined;
      return { path: '', message: `${prefix}expected any scalar, got &{${goValue(value)}}` };
    default:
      return scalar satisfies never;
  }
}

export function unexpectedShape(expected: 'list' | 'map', value: JsonValue): Issue {
  return { path: '', message: `expected ${expected}, got &{${goValue(value)}}` };
}

/** `%T` */
function goType(value: JsonValue): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
}

/** `%#v` */
function goSyntax(value: JsonValue): string {
  switch (typeof value) {
    case 'string':
      return goQuote(value);
    case 'number':
    case 'bigint':
      return goNumber(value);
    case 'object': {
      if (value === null) return 'interface {}(nil)';
      if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
      const object = value as JsonObject;
      const keys = Object.keys(object).sort(compareBytes);
      const members = keys.map((key) => `${goQuote(key)}:${goSyntax(object[key] as JsonValue)}`);
      return `map[string]interface {}{${members.join(', ')}}`;
    }
    default:
      return String(value);
  }
}
