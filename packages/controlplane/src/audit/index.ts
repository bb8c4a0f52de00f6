export type { AuditDraft } from './draft.ts';
export type { AuditEvent, AuditObjectReference, AuditUser } from './event.ts';
export { AuditLog, type AuditRecording } from './log.ts';
