import { FieldError, type FieldPath } from '@setpoint/apimachinery/errors';
import { dns1035Label } from '@setpoint/apimachinery/names';
import type { DefinitionNames } from './definition.ts';

/** The rules of the names of a definition, those asked for as those accepted. */
export function validateNames(names: DefinitionNames, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const label = (value: string | undefined, at: FieldPath) => {
    const problems = value ? dns1035Label(value) : [];
    if (problems.length > 0) errors.push(FieldError.invalid(at, value, problems.join(',')));
  };
  const mixedCase = (value: string | undefined, at: FieldPath) => {
    const problems = value ? dns1035Label(value.toLowerCase()) : [];
    if (problems.length === 0) return;
    const detail = `may have mixed case, but should otherwise match: ${problems.join(',')}`;
    errors.push(FieldError.invalid(at, value, detail));
  };
  const each = (values: readonly string[] | undefined, at: FieldPath) => {
    for (const [i, value] of (values ?? []).entries()) {
      const problems = dns1035Label(value);
      if (problems.length > 0) errors.push(FieldError.invalid(at.index(i), value, problems.join(',')));
    }
  };
  label(names.plural, path.child('plural'));
  label(names.singular, path.child('singular'));
  mixedCase(names.kind, path.child('kind'));
  mixedCase(names.listKind, path.child('listKind'));
  each(names.shortNames, path.child('shortNames'));
  if (names.kind && names.kind === names.listKind) {
    errors.push(FieldError.invalid(path.child('listKind'), names.listKind, 'kind and listKind may not be the same'));
  }
  each(names.categories, path.child('categories'));
  return errors;
}
