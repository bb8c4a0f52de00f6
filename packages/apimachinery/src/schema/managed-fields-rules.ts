import { FieldError, type FieldPath } from '../errors/index.ts';
import type { ManagedFieldsEntry } from '../meta/index.ts';

/** The longest name of a field manager, in bytes. */
export const fieldManagerLimit = 128;
const subresourceLimit = 256;

/** What Go's unicode.IsPrint lets through: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const usual = /^[ -~]{0,128}$/;

export function isPrintable(character: string): boolean {
  // Compiling the classes takes milliseconds, which a program that sees ASCII alone is spared.
  return usual.test(character) || printable.test(character);
}

/** The server's rules for the name of a field manager (apimachinery/pkg/apis/meta/v1/validation). */
export function validateFieldManager(manager: string, field: FieldPath | string): FieldError[] {
  if (usual.test(manager)) return [];
  const errors: FieldError[] = [];
  if (Buffer.byteLength(manager) > fieldManagerLimit) errors.push(FieldError.tooLong(field, '', fieldManagerLimit));
  let position = 0;
  for (const character of manager) {
    if (!isPrintable(character)) {
      const point = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
      errors.push(FieldError.invalid(field, manager, `invalid character U+${point} (at position ${position})`));
    }
    position += Buffer.byteLength(character);
  }
  return errors;
}

/** The server's rules for `metadata.managedFields`; whether the fields themselves can be read is not asked. */
export function validateManagedFields(entries: readonly ManagedFieldsEntry[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, entry] of entries.entries()) {
    const {
      operation = '',
      fieldsType = '',
      manager = '',
      subresource = '',
    } = entry as Readonly<Record<string, string>>;
    const at = () => path.index(index);
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(FieldError.invalid(at().child('operation'), operation, 'must be `Apply` or `Update`'));
    }
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      errors.push(FieldError.invalid(at().child('fieldsType'), fieldsType, 'must be `FieldsV1`'));
    }
    if (!usual.test(manager)) errors.push(...validateFieldManager(manager, at().child('manager')));
    if (subresource !== '' && Buffer.byteLength(subresource) > subresourceLimit) {
      errors.push(FieldError.tooLong(at().child('subresource'), '', subresourceLimit));
    }
  }
  return errors;
}
