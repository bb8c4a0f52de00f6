import type { GoConstant, GoField, GoType, Model } from './model.ts';

/** What a field's comment says and, where its type is an enum, what each value means. */
export function fieldDescription(model: Model, module: string, field: GoField): string {
  const type = enumOf(model, module, field.type.replace('*', ''));
  const values = type ? ['', 'Possible enum values:', ...meanings(type.constants ?? [])] : [];
  return [field.doc ?? '', ...values].join('\n').trim();
}

function enumOf(model: Model, module: string, name: string): GoType | undefined {
  const dot = name.lastIndexOf('.');
  const home = dot < 0 ? module : name.slice(0, dot);
  const type = model[home]?.find((candidate) => candidate.name === name.slice(dot + 1));
  return type?.markers?.enum && type.constants ? type : undefined;
}

/** One line a value; of two constants with one value the longer comment counts. */
function meanings(constants: readonly GoConstant[]): string[] {
  const byValue = new Map<string, GoConstant>();
  for (const constant of constants) {
    const known = byValue.get(constant.value);
    if (!known || (known.doc ?? '').length < (constant.doc ?? '').length) byValue.set(constant.value, constant);
  }
  return [...byValue.values()]
    .map(({ name, value, doc = '' }) => {
      const meaning = doc.startsWith(name) ? doc.slice(name.length).trim() : doc;
      return ` - \`${JSON.stringify(value)}\` ${meaning}`;
    })
    .sort();
}

const homes: Readonly<Record<string, readonly string[]>> = {
  'k8s.io/apimachinery/pkg/api/resource': ['Quantity'],
  'k8s.io/apimachinery/pkg/util/intstr': ['IntOrString'],
  'k8s.io/apimachinery/pkg/runtime': ['RawExtension'],
  'meta/v1': ['Time', 'MicroTime', 'FieldsV1'],
  'apiextensions.k8s.io/v1': [
    'JSON',
    'JSONSchemaPropsOrBool',
    'JSONSchemaPropsOrArray',
    'JSONSchemaPropsOrStringArray',
  ],
};

/** Documentation of the types that have an encoding of their own. */
export function specialDescriptions(model: Model): readonly (readonly [name: string, description: unknown])[] {
  return Object.entries(homes).flatMap(([module, names]) =>
    names.map((name) => [name, [model[module]?.find((type) => type.name === name)?.doc ?? '', {}]] as const),
  );
}
