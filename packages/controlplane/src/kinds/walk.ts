import { type Field, structType, type TypeRef } from '@setpoint/apimachinery/kinds';

/** An object while it is worked on: members of any type, as JSON has them. */
export type Loose = import('../registry/index.ts').MutableObject[string];

/** What a walk does at each struct of a type. */
export type Visitors = Readonly<Record<string, (value: Loose) => void>>;

/**
 * Visits every struct of an object that has a visitor, outer ones first, and fills in the defaults that the
 * definitions declare. Parts of the tree without anything to do are not entered.
 */
export class Walker {
  readonly #visitors: Visitors;
  readonly #busy = new Map<string, boolean>();

  constructor(visitors: Visitors) {
    this.#visitors = visitors;
  }

  visit(key: string, value: Loose): void {
    this.#visitors[key]?.(value);
    for (const field of structType(key).fields) this.#field(field, value);
  }

  #field(field: Field, owner: Loose): void {
    if (field.default !== undefined) applyDefault(field, owner);
    if (!this.#isBusy(field.type)) return;
    const value = owner[field.name];
    if (value !== undefined && value !== null) {
      this.#value(field.type, value);
      return;
    }
    // Go has a struct there whether it was given or not.
    if (field.type.kind === 'struct' && !field.pointer) {
      const made = {};
      this.visit(field.type.type, made);
      if (Object.keys(made).length > 0) owner[field.name] = made;
    }
  }

  #value(type: TypeRef, value: Loose): void {
    if (type.kind === 'struct') this.visit(type.type, value);
    else if (type.kind === 'list') for (const item of value) this.#value(type.items, item);
    else if (type.kind === 'map') {
      if (type.values.kind === 'Quantity') this.#visitors.ResourceList?.(value);
      else for (const name of Object.keys(value)) this.#value(type.values, value[name]);
    }
  }

  /** Whether anything below a type is visited or has a default. */
  #isBusy(type: TypeRef): boolean {
    if (type.kind === 'list') return this.#isBusy(type.items);
    if (type.kind === 'map') return type.values.kind === 'Quantity' || this.#isBusy(type.values);
    if (type.kind !== 'struct') return false;
    const known = this.#busy.get(type.type);
    if (known !== undefined) return known;
    this.#busy.set(type.type, false);
    const busy =
      this.#visitors[type.type] !== undefined ||
      structType(type.type).fields.some((field) => field.default !== undefined || this.#isBusy(field.type));
    this.#busy.set(type.type, busy);
    return busy;
  }
}

/** Behind a pointer only absence is filled in, otherwise the zero value too. */
function applyDefault(field: Field, owner: Loose): void {
  const value = owner[field.name];
  const absent = value === undefined || value === null;
  const zero = value === '' || value === 0 || value === false;
  if (absent ? !isZeroValue(field) || field.pointer : zero && !field.pointer) owner[field.name] = field.default;
}

function isZeroValue(field: Field): boolean {
  return field.default === '' || field.default === 0 || field.default === false;
}
