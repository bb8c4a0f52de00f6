export { FieldError, type FieldErrorType, FieldPath, formatFieldErrors } from './field-error.ts';
