import { fieldDescription, specialDescriptions } from './descriptions.ts';
import {
  enumValues,
  fileName,
  type GoField,
  type GoType,
  header,
  isRequired,
  isStruct,
  type Model,
  resolveType,
} from './model.ts';

/** Where Go types of a table live in OpenAPI names: `io.k8s.api.core.v1`. */
const openApiPrefixes: Readonly<Record<string, string>> = {
  'meta/v1': 'io.k8s.apimachinery.pkg.apis.meta.v1',
  'apiextensions.k8s.io/v1': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
  'apiregistration.k8s.io/v1': 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
};

/** The modules of apimachinery/src/kinds/generated, by path below it. */
export function tableFiles(model: Model): Map<string, string> {
  const files = new Map<string, string>();
  // The others hold nothing but documented types.
  const modules = Object.keys(model)
    .filter((module) => !module.startsWith('k8s.io/'))
    .sort();
  for (const module of modules) {
    files.set(`${fileName(module)}.ts`, tableFile(model, module));
    files.set(`descriptions/${fileName(module)}.ts`, descriptionFile(model, module));
  }
  files.set('index.ts', indexFile(modules));
  files.set('descriptions/specials.ts', descriptionText(specialDescriptions(model)));
  files.set('descriptions/index.ts', descriptionIndexFile([...modules, 'specials']));
  return files;
}

function tableFile(model: Model, module: string): string {
  const types = structs(model, module);
  const enums = (model[module] ?? []).flatMap((type) => {
    const values = enumValues(type);
    return values ? [`  ${type.name}: ${JSON.stringify(values)},`] : [];
  });
  const [group, version] = module.split('/') as [string, string];
  const openApi = openApiPrefixes[module] ?? `io.k8s.api.${group.split('.')[0]}.${version}`;
  return [
    header,
    `export const openApiPrefix = '${openApi}';\n`,
    'export const enums: Readonly<Record<string, readonly string[]>> = {',
    ...enums,
    '};\n',
    '/** One line a field; kinds/parse.ts describes the notation. */',
    'export const types: Readonly<Record<string, string>> = {',
    ...types.map((type) => `  ${type.name}: \`${typeText(model, module, type)}\`,`),
    '};',
    '',
  ].join('\n');
}

function typeText(model: Model, module: string, type: GoType): string {
  const lines = (type.fields ?? []).flatMap((field) => fieldLine(model, module, field) ?? []);
  const head = type.markers?.structType ? [`struct=${type.markers.structType[0]}`] : [];
  return [...head, ...lines]
    .join('\n')
    .replaceAll('\\', '\\\\')
    .replaceAll('`', '\\`')
    .replaceAll('$' + '{', '\\$' + '{');
}

function fieldLine(model: Model, module: string, field: GoField): string | undefined {
  const type = resolveType(model, module, field.type);
  if (type === undefined) return undefined;
  const number = field.number ?? '-';
  if (field.json === '' && field.inline) return `${number} < ${local(type, module).replace('*', '')}`;
  if (field.json === '' || field.json === '-') return undefined;
  return [number, field.json, local(type, module), ...flags(field)].join(' ');
}

/** Structs of the same module go without its name. */
function local(type: string, module: string): string {
  return type.replace(`${module}.`, '');
}

function flags(field: GoField): string[] {
  const markers = field.markers ?? {};
  const list = markers.listType?.[0] ?? markers['k8s:listType']?.[0];
  const keys = markers.listMapKey ?? markers['k8s:listMapKey'];
  const found: string[] = [];
  if (field.omitEmpty) found.push('?');
  if (field.omitZero) found.push('0');
  if (isRequired(field)) found.push('!');
  if (list) found.push(keys ? `list=${list}:${keys.join(',')}` : `list=${list}`);
  if (markers.mapType) found.push(`map=${markers.mapType[0]}`);
  if (markers.structType) found.push(`struct=${markers.structType[0]}`);
  if (field.patchStrategy) found.push(`patch=${field.patchStrategy}`);
  if (field.patchMergeKey) found.push(`key=${field.patchMergeKey}`);
  const value = markers.default?.[0];
  // A reference names a Go constant.
  if (value) found.push(`default=${value.startsWith('ref(') ? referenced(value) : value}`);
  return found;
}

function referenced(reference: string): string {
  const known: Readonly<Record<string, string>> = {
    'ref(AzureDataDiskCachingReadWrite)': '"ReadWrite"',
    'ref(AzureSharedBlobDisk)': '"Shared"',
  };
  const value = known[reference];
  if (value === undefined) throw new Error(`the default ${reference} names a constant that tables.ts does not know`);
  return value;
}

function structs(model: Model, module: string): readonly GoType[] {
  return (model[module] ?? []).filter(isStruct).filter((type) => !type.name.endsWith('List') || hasItems(type));
}

function hasItems(type: GoType): boolean {
  return (type.fields ?? []).some((field) => field.json === 'items' || field.json === 'matchLabels');
}

function descriptionFile(model: Model, module: string): string {
  const entries = structs(model, module).map((type) => {
    const fields = (type.fields ?? []).filter((field) => field.json !== '');
    const docs = fields.map((field) => [field.json, fieldDescription(model, module, field)] as const);
    return [type.name, [type.doc ?? '', Object.fromEntries(docs.filter(([, doc]) => doc !== ''))]] as const;
  });
  return descriptionText(entries);
}

function descriptionText(entries: readonly (readonly [name: string, description: unknown])[]): string {
  return [
    header,
    '/** Documentation of each type, and of its fields. */',
    'export const descriptions: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>> = {',
    ...entries.map(([name, description]) => `  ${name}: ${JSON.stringify(description)},`),
    '};',
    '',
  ].join('\n');
}

function indexFile(modules: readonly string[]): string {
  return [
    header,
    ...modules.map((module) => `import * as ${variable(module)} from './${fileName(module)}.ts';`),
    '\nexport const modules = {',
    ...modules.map((module) => `  '${module}': ${variable(module)},`),
    '} as const;',
    '',
  ].join('\n');
}

function descriptionIndexFile(modules: readonly string[]): string {
  return [
    header,
    ...modules.map((module) => `import { descriptions as ${variable(module)} } from './${fileName(module)}.ts';`),
    '\nexport const descriptions: Readonly<Record<string, typeof coreV1>> = {',
    ...modules.map((module) => `  '${module}': ${variable(module)},`),
    '};',
    '',
  ].join('\n');
}

function variable(module: string): string {
  const [group = '', version = ''] = module.split('/');
  return `${group.split('.')[0]}${version.toUpperCase()}`;
}
