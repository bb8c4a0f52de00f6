import type { KindFacts } from './discovery.ts';
import { type GoField, type GoType, header, isRequired, isStruct, type Model, resolveType, summary } from './model.ts';

/** Shapes of meta/v1 that apimachinery/meta has by hand. */
const shared = ['Condition', 'LabelSelector', 'LabelSelectorRequirement', 'ListMeta', 'ManagedFieldsEntry'].concat(
  'ObjectMeta',
  'OwnerReference',
);

/** Imports that are not of another generated module. */
const sources: Readonly<Record<string, string>> = {
  meta: '@setpoint/apimachinery/meta',
  'metadata-types': '../../../metadata-types.ts',
};

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'boolean',
  bytes: 'string',
  int32: 'number',
  int64: 'number',
  float64: 'number',
  Time: 'string',
  MicroTime: 'string',
  Duration: 'string',
  Quantity: 'string',
  IntOrString: 'number | string',
  RawExtension: 'JsonValue',
  JSON: 'JsonValue',
  FieldsV1: 'JsonObject',
  JSONSchemaPropsOrBool: 'JSONSchemaProps | boolean',
  JSONSchemaPropsOrArray: 'JSONSchemaProps | readonly JSONSchemaProps[]',
  JSONSchemaPropsOrStringArray: 'JSONSchemaProps | readonly string[]',
};

/** Files of setpoint/src/kinds/builtin: interfaces and Kind values of each group and version. */
export function interfaceFiles(model: Model, kinds: readonly KindFacts[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const module of Object.keys(model)) {
    files.set(`generated/${module}.types.ts`, new Interfaces(model, module, kinds).text());
    const served = kindsOf(module, kinds);
    if (served.length === 0) continue;
    files.set(`generated/${module}.ts`, kindValues(module, served));
    files.set(`${module}.ts`, `${header}\nexport * from '../generated/${module}.ts';\n`);
  }
  return files;
}

function kindsOf(module: string, kinds: readonly KindFacts[]): readonly KindFacts[] {
  return kinds.filter((kind) => `${kind.group === '' ? 'core' : kind.group}/${kind.version}` === module);
}

function kindValues(module: string, kinds: readonly KindFacts[]): string {
  const version = module.slice(module.indexOf('/') + 1);
  return [
    header,
    `import type { Kind, Resource } from '../../../kind.ts';`,
    `import type * as t from './${version}.types.ts';\n`,
    `export type * from './${version}.types.ts';\n`,
    ...kinds.map((kind) => kindValue(kind)),
  ].join('\n');
}

/** The exported type is what a server answers with, metadata complete; the Kind knows the plain interface. */
function kindValue(kind: KindFacts): string {
  const has = (name: string) => kind.subresources.some((subresource) => subresource.name === name);
  const value = {
    group: kind.group,
    version: kind.version,
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
    listKind: `${kind.kind}List`,
    plural: kind.plural,
    singular: kind.singular,
    shortNames: kind.shortNames,
    categories: kind.categories,
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    projection: 'full',
    subresources: { status: has('status'), scale: has('scale') },
  };
  return [
    `export const ${kind.kind}: Kind<t.${kind.kind}, t.${kind.kind}Input> = ${JSON.stringify(value)};`,
    `export type ${kind.kind} = Resource<typeof ${kind.kind}>;`,
    `export type ${kind.kind}Input = t.${kind.kind}Input;\n`,
  ].join('\n');
}

interface Member {
  readonly name: string;
  readonly doc: string;
  readonly type: string;
  readonly optional: boolean;
  readonly input: string;
  readonly inputOptional: boolean;
}

/** Writes the interfaces of one module; collects what they import. */
class Interfaces {
  readonly #model: Model;
  readonly #module: string;
  readonly #kinds: ReadonlyMap<string, KindFacts>;
  readonly #imports = new Map<string, Set<string>>();
  readonly #differs = new Map<string, boolean>();

  constructor(model: Model, module: string, kinds: readonly KindFacts[]) {
    this.#model = model;
    this.#module = module;
    this.#kinds = new Map(kindsOf(module, kinds).map((kind) => [kind.kind, kind]));
  }

  text(): string {
    const types = (this.#model[this.#module] ?? []).filter(isStruct);
    const enums = (this.#model[this.#module] ?? []).filter((type) => type.markers?.enum && type.constants);
    const body = [
      ...enums.map((type) => `export type ${type.name} = ${union(type)};\n`),
      ...types.filter((type) => !this.#hidden(type)).map((type) => this.#struct(type)),
    ];
    return [header, ...this.#importLines(), ...body].join('\n');
  }

  /** Lists have one generic type; options of exec and the like are parameters, not objects. */
  #hidden(type: GoType): boolean {
    if (type.name === 'TypeMeta') return true;
    if (this.#module === 'meta/v1' && shared.includes(type.name)) return true;
    return type.name.endsWith('List') && (type.fields ?? []).some((field) => field.json === 'items');
  }

  #struct(type: GoType): string {
    const kind = this.#kinds.get(type.name);
    const members = this.#members(this.#module, type, kind);
    const apiVersion = kind ? (kind.group === '' ? kind.version : `${kind.group}/${kind.version}`) : '';
    const lines = [doc(type.doc, ''), `export interface ${type.name} {`];
    if (kind) lines.push(`  readonly apiVersion: '${apiVersion}';`, `  readonly kind: '${type.name}';`);
    for (const member of members) {
      lines.push(doc(member.doc, '  '), `  readonly ${member.name}${member.optional ? '?' : ''}: ${member.type};`);
    }
    lines.push('}\n');
    if (kind || this.#inputDiffers(this.#module, type)) lines.push(this.#input(type, kind, members, apiVersion));
    return lines.filter((line) => line !== '').join('\n');
  }

  #input(type: GoType, kind: KindFacts | undefined, members: readonly Member[], apiVersion: string): string {
    const changed = members.filter(
      (member) => member.input !== member.type || member.inputOptional !== member.optional,
    );
    const names = [...(kind ? ['apiVersion', 'kind'] : []), ...changed.map((member) => member.name)];
    const lines = [
      `/** ${type.name} as a person writes it: what the server fills in may be missing. */`,
      `export interface ${type.name}Input extends Omit<${type.name}, ${names.map((name) => (name.startsWith("'") ? name : `'${name}'`)).join(' | ')}> {`,
    ];
    if (kind) lines.push(`  readonly apiVersion?: '${apiVersion}';`, `  readonly kind?: '${type.name}';`);
    for (const member of changed) {
      lines.push(`  readonly ${member.name}${member.inputOptional ? '?' : ''}: ${member.input};`);
    }
    lines.push('}\n');
    return lines.join('\n');
  }

  #members(module: string, type: GoType, kind: KindFacts | undefined): readonly Member[] {
    return (type.fields ?? []).flatMap((field) => {
      if (field.json === '' && field.inline) {
        const inlined = this.#find(resolveType(this.#model, module, field.type)?.replace('*', ''));
        if (!inlined || inlined.type.name === 'TypeMeta') return [];
        return this.#members(inlined.module, inlined.type, undefined);
      }
      const member = this.#member(module, field, kind);
      return member ? [member] : [];
    });
  }

  #member(module: string, field: GoField, kind: KindFacts | undefined): Member | undefined {
    const resolved = resolveType(this.#model, module, field.type);
    if (resolved === undefined || field.json === '' || field.json === '-') return undefined;
    const required = isRequired(field);
    const emptyIsWritten = !field.omitEmpty && !field.omitZero;
    const nullable = emptyIsWritten && !required && /^(\*|\[\]|\{\})/.test(resolved) ? ' | null' : '';
    if (kind && field.json === 'metadata') {
      this.#import('meta', 'ObjectMeta');
      this.#import('metadata-types', 'MetadataInput');
      return {
        name: 'metadata',
        doc: '',
        type: 'ObjectMeta',
        optional: false,
        input: 'MetadataInput',
        inputOptional: false,
      };
    }
    const output = this.#type(resolved, field, false);
    return {
      name: /^\w+$/.test(field.json) ? field.json : `'${field.json}'`,
      doc: field.doc ?? '',
      type: output + nullable,
      optional: !emptyIsWritten && !this.#alwaysWritten(resolved, field),
      input: this.#type(resolved, field, true) + nullable,
      inputOptional: !required,
    };
  }

  /** Go writes a struct that is not behind a pointer even when it is empty. */
  #alwaysWritten(resolved: string, field: GoField): boolean {
    return this.#find(resolved) !== undefined && !field.omitZero;
  }

  #type(resolved: string, field: GoField, input: boolean): string {
    if (resolved.startsWith('*')) return this.#type(resolved.slice(1), field, input);
    if (resolved.startsWith('[]')) return `readonly ${wrap(this.#type(resolved.slice(2), field, input))}[]`;
    if (resolved.startsWith('{}')) {
      return `{ readonly [key: string]: ${this.#type(resolved.slice(2), field, input)} }`;
    }
    if (resolved === 'Quantity') return input ? 'string | number' : 'string';
    if (resolved.startsWith('string:')) return this.#named(resolved.slice(7), field);
    const scalar = scalars[resolved];
    if (scalar !== undefined) {
      for (const name of ['JsonValue', 'JsonObject']) if (scalar === name) this.#import('meta', name);
      return scalar;
    }
    const found = this.#find(resolved);
    if (!found) throw new Error(`${this.#module}: no type for ${resolved}`);
    const name = input && this.#inputDiffers(found.module, found.type) ? `${found.type.name}Input` : found.type.name;
    if (found.module === 'meta/v1' && shared.includes(found.type.name)) this.#import('meta', name);
    else if (found.module !== this.#module) this.#import(found.module, name);
    return name;
  }

  /** A named string is a union where the definition closes its set of values. */
  #named(qualified: string, field: GoField): string {
    const name = qualified.slice(qualified.indexOf('.') + 1);
    const text = field.type.replace(/^(\*|\[\]|map\[[^\]]+\])+/, '');
    const home = text.includes('.') ? text.slice(0, text.lastIndexOf('.')) : this.#module;
    const type = this.#model[home]?.find((candidate) => candidate.name === name);
    if (!type?.markers?.enum || !type.constants) return 'string';
    if (home !== this.#module) this.#import(home, name);
    return name;
  }

  #find(resolved: string | undefined): { module: string; type: GoType } | undefined {
    if (!resolved || /^[*[{]/.test(resolved) || !resolved.includes('.') || resolved.startsWith('string:'))
      return undefined;
    const dot = resolved.lastIndexOf('.');
    const module = resolved.slice(0, dot);
    const type = this.#model[module]?.find((candidate) => candidate.name === resolved.slice(dot + 1));
    return type && { module, type };
  }

  #inputDiffers(module: string, type: GoType): boolean {
    if (module === 'meta/v1' && shared.includes(type.name)) return false;
    const key = `${module}.${type.name}`;
    const known = this.#differs.get(key);
    if (known !== undefined) return known;
    this.#differs.set(key, false);
    const differs = (type.fields ?? []).some((field) => this.#fieldDiffers(module, field));
    this.#differs.set(key, differs);
    return differs;
  }

  #fieldDiffers(module: string, field: GoField): boolean {
    const resolved = resolveType(this.#model, module, field.type);
    if (resolved === undefined || field.json === '-') return false;
    const core = resolved.replace(/^(\*|\[\]|\{\})+/, '');
    const struct = this.#find(core);
    if (field.json === '') return struct !== undefined && this.#inputDiffers(struct.module, struct.type);
    if (core === 'Quantity') return true;
    const optional = field.omitEmpty || field.omitZero ? !this.#alwaysWritten(resolved, field) : false;
    if (optional === isRequired(field)) return true;
    return struct !== undefined && this.#inputDiffers(struct.module, struct.type);
  }

  #import(from: string, name: string): void {
    const names = this.#imports.get(from) ?? new Set();
    names.add(name);
    this.#imports.set(from, names);
  }

  #importLines(): string[] {
    const lines = [...this.#imports].sort().map(([from, names]) => {
      const source = sources[from] ?? `../${from}.types.ts`;
      return `import type { ${[...names].sort().join(', ')} } from '${source}';`;
    });
    return lines.length > 0 ? [...lines, ''] : [];
  }
}

function union(type: GoType): string {
  return [...new Set(type.constants?.map(({ value }) => value))].map((value) => `'${value}'`).join(' | ');
}

function wrap(type: string): string {
  return /[| ]/.test(type) ? `(${type})` : type;
}

function doc(text: string | undefined, indent: string): string {
  const short = summary(text);
  return short === '' ? '' : `${indent}/** ${short} */`;
}
