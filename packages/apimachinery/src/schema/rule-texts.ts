import { FieldError, type FieldPath } from '../errors/index.ts';
import { followFieldPath } from './field-path.ts';
import type { StructuralSchema, ValidationRule } from './types.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** What can be said about CEL rules without compiling them. */
export function checkRuleTexts(schema: StructuralSchema, path: FieldPath): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  return rules.flatMap((rule, i) => checkRule(rule, schema, path.child('x-kubernetes-validations').index(i)));
}

function checkRule(rule: ValidationRule, schema: StructuralSchema, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { message = '', messageExpression = '', fieldPath = '' } = rule;
  const hasBreaks = (text: string) => /[\n\r]/.test(text);
  if (rule.rule.trim() === '') {
    errors.push(FieldError.required(path.child('rule'), 'rule is not specified'));
  } else if (message !== '' && message.trim() === '') {
    errors.push(FieldError.invalid(path.child('message'), message, 'must be non-empty if specified'));
  } else if (hasBreaks(message.trim())) {
    errors.push(FieldError.invalid(path.child('message'), message, 'must not contain line breaks'));
  } else if (hasBreaks(rule.rule.trim()) && message.trim() === '') {
    const detail = 'message must be specified if rule contains line breaks';
    errors.push(FieldError.required(path.child('message'), detail));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const detail = 'messageExpression must be non-empty if specified';
    errors.push(FieldError.required(path.child('messageExpression'), detail));
  }
  if (rule.reason !== undefined && !reasons.includes(rule.reason)) {
    errors.push(FieldError.notSupported(path.child('reason'), rule.reason, reasons));
  }
  if (fieldPath !== '' && fieldPath.trim() === '') {
    errors.push(FieldError.invalid(path.child('fieldPath'), fieldPath, 'must be non-empty if specified'));
  }
  if (hasBreaks(fieldPath)) {
    errors.push(FieldError.invalid(path.child('fieldPath'), fieldPath, 'must not contain line breaks'));
  }
  if (fieldPath !== '' && 'error' in followFieldPath(fieldPath, schema)) {
    errors.push(FieldError.invalid(path.child('fieldPath'), fieldPath, 'must be a valid path'));
  }
  return errors;
}
