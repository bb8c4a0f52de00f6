import type { JsonObject, JsonValue } from '@setpoint/apimachinery/meta';
import { elementText, indexElement } from '../fieldpath/index.ts';
import { type Issue, prefixIssues, scalarIssue, unexpectedShape } from './issues.ts';
import { itemElement } from './list-item.ts';
import {
  describeType,
  firstShape,
  isAnything,
  type ListSchema,
  type MapSchema,
  shapeOf,
  type TypeSchema,
} from './type-schema.ts';

/** Adds what is wrong with a value. Null fits every type. */
export function validateInto(issues: Issue[], value: JsonValue, type: TypeSchema, allowDuplicates: boolean): void {
  switch (shapeOf(type, value) ?? firstShape(type)) {
    case 'scalar': {
      const issue = type.scalar && scalarIssue(type.scalar, value);
      if (issue) issues.push(issue);
      return;
    }
    case 'list':
      if (value === null) return;
      if (Array.isArray(value)) validateItems(issues, value, type.list as ListSchema, allowDuplicates);
      else issues.push(unexpectedShape('list', value));
      return;
    case 'map':
      if (value === null) return;
      if (typeof value === 'object' && !Array.isArray(value)) {
        validateMembers(issues, value as JsonObject, type.map as MapSchema, allowDuplicates);
      } else issues.push(unexpectedShape('map', value));
      return;
    case undefined:
      issues.push({ path: '', message: `schema error: invalid atom: ${describeType(type)}` });
  }
}

function validateItems(issues: Issue[], items: readonly JsonValue[], list: ListSchema, allowDuplicates: boolean): void {
  const seen = list.atomic || allowDuplicates ? undefined : new Set<string>();
  const checkItems = !isAnything(list.element);
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as JsonValue;
    const element = list.atomic ? undefined : itemElement(list, item);
    if (typeof element === 'string') {
      // Without its element nothing can be said of what is below.
      issues.push({ path: '', message: `element ${i}: ${element}` });
      return;
    }
    if (seen && element) {
      if (seen.has(element.text)) {
        issues.push({ path: '', message: `duplicate entries for key ${elementText(element, false)}` });
      }
      seen.add(element.text);
    }
    if (!checkItems) continue;
    const since = issues.length;
    validateInto(issues, item, list.element, allowDuplicates);
    if (issues.length > since) prefixIssues(issues, since, element ?? indexElement(i));
  }
}

function validateMembers(issues: Issue[], object: JsonObject, map: MapSchema, allowDuplicates: boolean): void {
  const { fields } = map;
  for (const key in object) {
    const value = object[key];
    if (value === undefined) continue;
    const type = fields.get(key)?.type ?? map.element;
    if (type === undefined) {
      issues.push({ path: `.${key}`, message: 'field not declared in schema' });
      return;
    }
    if (isAnything(type)) continue;
    const since = issues.length;
    validateInto(issues, value, type, allowDuplicates);
    if (issues.length > since) prefixIssues(issues, since, key);
  }
}
