import { goQuote } from '@setpoint/apimachinery/errors';
import { deepEqual } from '@setpoint/apimachinery/patch';
import { condition, type Definition, type DefinitionNames, statusOf, withCondition } from './definition.ts';

/**
 * Decides which of the names a definition asks for it gets, and writes it into the status with the conditions
 * NamesAccepted and Established. A name that another definition of the group holds is refused; the names held
 * before stay. Returns the definition itself when nothing changed.
 */
export function acceptNames(definition: Definition, others: readonly Definition[], now: number): Definition {
  const status = statusOf(definition);
  const asked = definition.spec.names;
  if (deepEqual(asked, status.acceptedNames)) return definition;
  const { names, conflict } = decide(asked, status.acceptedNames, others);
  const accepted = conflict === undefined;
  const namesCondition = conflict
    ? { type: 'NamesAccepted', status: 'False' as const, ...conflict }
    : {
        type: 'NamesAccepted',
        status: 'True' as const,
        reason: 'NoConflicts',
        message: 'no conflicts found',
      };
  const old = condition(definition, 'NamesAccepted');
  const isSame =
    old?.status === namesCondition.status &&
    old.reason === namesCondition.reason &&
    old.message === namesCondition.message;
  if (deepEqual(names, status.acceptedNames) && isSame) return definition;
  const named = { ...definition, status: { ...status, acceptedNames: names } };
  return withEstablished(withCondition(named, namesCondition, now), accepted, now);
}

/** Established is False until the names are accepted and the resource is served; once True it stays. */
function withEstablished(definition: Definition, accepted: boolean, now: number): Definition {
  const old = condition(definition, 'Established');
  if (old?.status === 'True') return definition;
  if (accepted) {
    const message = 'the initial names have been accepted';
    return withCondition(definition, { type: 'Established', status: 'False', reason: 'Installing', message }, now);
  }
  if (old) return definition;
  const message = 'not all names are accepted';
  return withCondition(definition, { type: 'Established', status: 'False', reason: 'NotAccepted', message }, now);
}

interface Decision {
  readonly names: DefinitionNames;
  readonly conflict: { readonly reason: string; readonly message: string } | undefined;
}

function decide(asked: DefinitionNames, held: DefinitionNames, others: readonly Definition[]): Decision {
  const taken = others.map((other) => statusOf(other).acceptedNames);
  const resources = new Set(taken.flatMap((names) => [names.plural, names.singular, ...(names.shortNames ?? [])]));
  const kinds = new Set(taken.flatMap((names) => [names.kind, names.listKind]));
  let conflict: Decision['conflict'];
  const pick = (key: 'plural' | 'singular' | 'kind' | 'listKind', used: ReadonlySet<string | undefined>) => {
    const wanted = asked[key];
    if (wanted === held[key] || !used.has(wanted)) return wanted;
    const reason = `${key.charAt(0).toUpperCase()}${key.slice(1)}Conflict`;
    conflict = { reason, message: `${goQuote(wanted ?? '')} is already in use` };
    return held[key];
  };
  const plural = pick('plural', resources) ?? '';
  const singular = pick('singular', resources);
  const clashes = (asked.shortNames ?? []).filter(
    (name) => !(held.shortNames ?? []).includes(name) && resources.has(name),
  );
  if (clashes.length > 0) {
    const messages = [...new Set(clashes)].map((name) => `${goQuote(name)} is already in use`);
    conflict = {
      reason: 'ShortNamesConflict',
      message: messages.length === 1 ? (messages[0] as string) : `[${messages.join(', ')}]`,
    };
  }
  const shortNames = clashes.length > 0 ? held.shortNames : asked.shortNames;
  const kind = pick('kind', kinds) ?? '';
  const listKind = pick('listKind', kinds);
  const names = {
    plural,
    ...(singular ? { singular } : {}),
    ...(shortNames ? { shortNames } : {}),
    kind,
    ...(listKind ? { listKind } : {}),
    ...(asked.categories ? { categories: asked.categories } : {}),
  };
  return { names, conflict };
}
