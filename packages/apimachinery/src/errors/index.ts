export { FieldError, type FieldErrorType, FieldPath, formatFieldErrors } from './field-error.ts';
export { goFloat, goNumber, goQuote } from './go-format.ts';
