export { type RecoveredErrors, recover, type SyntaxErrorAt, type TextBetween } from './recovery.ts';
