import {
  builtinKind,
  type Field,
  moduleOf,
  publishedDefault,
  structType,
  type TypeRef,
} from '@setpoint/apimachinery/kinds';
import {
  deducedType,
  type FieldSchema,
  fieldSchema,
  type ListSchema,
  type MapSchema,
  noFields,
  type TypeSchema,
  typeSchema,
  untypedType,
} from './type-schema.ts';

const numeric = typeSchema({ scalar: 'numeric' });
const text = typeSchema({ scalar: 'string' });
const boolean = typeSchema({ scalar: 'boolean' });
const time = typeSchema({ name: 'Time', scalar: 'untyped' });
const quantity = typeSchema({ name: 'Quantity', scalar: 'untyped' });
const rawExtension = typeSchema({ ...untypedType, name: 'RawExtension' });
const fieldsV1 = typeSchema({ name: 'FieldsV1', map: { fields: noFields, element: deducedType, atomic: false } });
/** What is published without a type. */
const anyNamed = typeSchema({
  name: 'any',
  scalar: 'untyped',
  list: { element: untypedType, atomic: true, keys: [] },
  map: { fields: noFields, element: deducedType, atomic: false },
});

const structs = new Map<string, TypeSchema>();

/** The type of a built-in kind by the markers of its definition; undefined for a kind that is not built in. */
export function builtinType(group: string, version: string, kind: string): TypeSchema | undefined {
  const facts = builtinKind(group, version, kind);
  if (facts) return structSchema(facts.type);
  const type = `${moduleOf(group, version)}.${kind}`;
  return bodies.has(type) ? structSchema(type) : undefined;
}

/** What only subresources take is no kind of the tables. */
const bodies: ReadonlySet<string> = new Set(['authentication.k8s.io/v1.TokenRequest', 'policy/v1.Eviction']);

/** The metadata of every object. */
export function objectMetaType(): TypeSchema {
  return structSchema('meta/v1.ObjectMeta');
}

/** Of a struct of the tables, `core/v1.PodSpec`; where it is used as a whole or not, whatever its definition says. */
function structSchema(key: string, use?: 'atomic' | 'granular'): TypeSchema {
  const id = use ? `${key} ${use}` : key;
  let type = structs.get(id);
  if (!type) {
    type = typeSchema({ name: key, map: structMap(key, use) });
    structs.set(id, type);
  }
  return type;
}

/** The fields are read at first use: a struct may hold itself. */
function structMap(key: string, use: 'atomic' | 'granular' | undefined): MapSchema {
  let fields: ReadonlyMap<string, FieldSchema> | undefined;
  const struct = structType(key);
  return {
    get fields() {
      fields ??= new Map(struct.fields.map((field) => [field.name, schemaOf(field)]));
      return fields;
    },
    element: undefined,
    atomic: (use ?? struct.structType) === 'atomic',
  };
}

function schemaOf(field: Field): FieldSchema {
  return fieldSchema(field.name, fieldType(field), publishedDefault(field));
}

function fieldType(field: Field): TypeSchema {
  const { type } = field;
  switch (type.kind) {
    case 'list':
      return typeSchema({ list: listSchema(field, typeOf(type.items)) });
    case 'map':
      return typeSchema({ map: mapSchema(type.values, field.mapType === 'atomic') });
    case 'struct':
      return structSchema(type.type, field.structType);
    default:
      return typeOf(type);
  }
}

/** Where nothing is said of apply, what is said of strategic merge patches counts. */
function listSchema(field: Field, element: TypeSchema): ListSchema {
  const { listType, listMapKeys = [], patchStrategy, patchMergeKey } = field;
  if (listType) return { element, atomic: listType === 'atomic', keys: listType === 'map' ? listMapKeys : [] };
  const strategy = patchStrategy?.join(',');
  if (strategy !== 'merge' && strategy !== 'merge,retainKeys') return { element, atomic: true, keys: [] };
  return { element, atomic: false, keys: patchMergeKey ? [patchMergeKey] : [] };
}

function mapSchema(values: TypeRef, atomic: boolean): MapSchema {
  return { fields: noFields, element: typeOf(values), atomic };
}

function typeOf(type: TypeRef): TypeSchema {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'Duration':
      return text;
    case 'bool':
      return boolean;
    case 'integer':
    case 'float64':
      return numeric;
    case 'Time':
    case 'MicroTime':
      return time;
    case 'Quantity':
      return quantity;
    case 'RawExtension':
      return rawExtension;
    case 'FieldsV1':
      return fieldsV1;
    case 'list':
      return typeSchema({ list: { element: typeOf(type.items), atomic: true, keys: [] } });
    case 'map':
      return typeSchema({ map: mapSchema(type.values, false) });
    case 'struct':
      return structSchema(type.type);
    case 'IntOrString':
    case 'JSON':
    case 'JSONSchemaPropsOrBool':
    case 'JSONSchemaPropsOrArray':
    case 'JSONSchemaPropsOrStringArray':
      return anyNamed;
    default:
      return type satisfies never;
  }
}
