import { describe, expect, it } from 'vitest';
import { type DefinitionCase, errorsOfCreation } from './testing/definitions.ts';

const cases: readonly DefinitionCase[] = [
  [
    'column errors',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}, "additionalPrinterColumns": [{"name": "", "type": "", "jsonPath": ""}, {"name": "a", "type": "foo", "jsonPath": "spec", "format": "x"}, {"name": "b", "type": "string", "jsonPath": ".a.b"}]}]}}',
    [
      'spec.additionalPrinterColumns[0].name: Required value',
      'spec.additionalPrinterColumns[0].type: Required value: must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath: Required value',
      'spec.additionalPrinterColumns[1].type: Invalid value: "foo": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[1].format: Invalid value: "x": must be one of byte,date,date-time,double,float,int32,int64,password',
      'spec.additionalPrinterColumns[1].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
    ],
  ],
  [
    'scale errors',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}, "subresources": {"scale": {"specReplicasPath": "", "statusReplicasPath": ""}}}]}}',
    [
      'spec.subresources.scale.specReplicasPath: Required value',
      'spec.subresources.scale.statusReplicasPath: Required value',
    ],
  ],
  [
    'scale errors 2',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}, "subresources": {"status": {}, "scale": {"specReplicasPath": ".status.x", "statusReplicasPath": "x", "labelSelectorPath": ".metadata.x"}}}]}}',
    [
      'spec.subresources.scale.specReplicasPath: Invalid value: ".status.x": should be a json path under .spec',
      'spec.subresources.scale.statusReplicasPath: Invalid value: "x": must be a simple json path starting with .',
      'spec.subresources.scale.labelSelectorPath: Invalid value: ".metadata.x": should be a json path under either .spec or .status',
    ],
  ],
  [
    'conversion bad strategy',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}], "conversion": {"strategy": "Foo"}}}',
    ['spec.conversion.strategy: Unsupported value: "Foo": supported values: "None", "Webhook"'],
  ],
  [
    'conversion none with webhook',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}], "conversion": {"strategy": "None", "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": {"url": "https://a"}}}}}',
    [
      'spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook',
      'spec.conversion.conversionReviewVersions: Forbidden: should not be set when strategy is not set to Webhook',
    ],
  ],
  [
    'conversion webhook empty',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}], "conversion": {"strategy": "Webhook"}}}',
    [
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
      'spec.conversion.conversionReviewVersions: Required value',
    ],
  ],
  [
    'conversion webhook bad',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}], "conversion": {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v9", "v9", "V"], "clientConfig": {"url": "http://a", "service": {"name": "x", "namespace": "y"}}}}}}',
    [
      'spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required',
      'spec.conversion.conversionReviewVersions[1]: Invalid value: "v9": duplicate version',
      "spec.conversion.conversionReviewVersions[2]: Invalid value: \"V\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      'spec.conversion.conversionReviewVersions: Invalid value: ["v9","v9","V"]: must include at least one of v1, v1beta1',
    ],
  ],
  [
    'conversion webhook http',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}], "conversion": {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v9"], "clientConfig": {"url": "http://u@a?x#f"}}}}}',
    [
      'spec.conversion.webhookClientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
      'spec.conversion.webhookClientConfig.url: Invalid value: "u": user information is not permitted in the URL',
      'spec.conversion.webhookClientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
      'spec.conversion.webhookClientConfig.url: Invalid value: "x": query parameters are not permitted in the URL',
      'spec.conversion.conversionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
    ],
  ],
  [
    'conversion webhook service',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}], "conversion": {"strategy": "Webhook", "webhook": {"conversionReviewVersions": ["v1"], "clientConfig": {"service": {"name": "", "namespace": "", "path": "x//y", "port": 70000}}}}}}',
    [
      'spec.conversion.webhookClientConfig.service.name: Required value',
      'spec.conversion.webhookClientConfig.service.namespace: Required value',
      'spec.conversion.webhookClientConfig.service.port: Invalid value: 70000: port is not valid: must be between 1 and 65535, inclusive',
      'spec.conversion.webhookClientConfig.service.path: Invalid value: "x//y": must start with a \'/\'',
      'spec.conversion.webhookClientConfig.service.path: Invalid value: "x//y": segment[0] may not be empty',
      'spec.conversion.webhookClientConfig.service.path: Invalid value: "x//y": segment[1] may not be empty',
    ],
  ],
  [
    'selectable ok',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}}}}, "selectableFields": [{"jsonPath": ".spec.a"}]}]}}',
    [],
  ],
  [
    'selectable bad',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}, "o": {"type": "object"}, "l": {"type": "array", "items": {"type": "string"}}}}}}}, "selectableFields": [{"jsonPath": ""}, {"jsonPath": ".spec.b"}, {"jsonPath": ".spec.o"}, {"jsonPath": "spec.a"}, {"jsonPath": ".metadata.name"}, {"jsonPath": ".spec.a"}, {"jsonPath": ".spec.a"}, {"jsonPath": ".spec.l[0]"}]}]}}',
    [
      'spec.selectableFields[0].jsonPath: Required value',
      'spec.selectableFields[1].jsonPath: Invalid value: ".spec.b": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[2].jsonPath: Invalid value: ".spec.o": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[3].jsonPath: Invalid value: "spec.a": is an invalid path: expected [ or . but got: spec',
      'spec.selectableFields[4].jsonPath: Invalid value: ".metadata.name": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[6].jsonPath: Duplicate value: ".spec.a"',
      'spec.selectableFields[7].jsonPath: Invalid value: ".spec.l[0]": is an invalid path: array notation is not allowed',
    ],
  ],
  [
    'selectable many',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"f0": {"type": "string"}, "f1": {"type": "string"}, "f2": {"type": "string"}, "f3": {"type": "string"}, "f4": {"type": "string"}, "f5": {"type": "string"}, "f6": {"type": "string"}, "f7": {"type": "string"}, "f8": {"type": "string"}}}}}}, "selectableFields": [{"jsonPath": ".spec.f0"}, {"jsonPath": ".spec.f1"}, {"jsonPath": ".spec.f2"}, {"jsonPath": ".spec.f3"}, {"jsonPath": ".spec.f4"}, {"jsonPath": ".spec.f5"}, {"jsonPath": ".spec.f6"}, {"jsonPath": ".spec.f7"}, {"jsonPath": ".spec.f8"}]}]}}',
    ['spec.selectableFields: Too many: 9: must have at most 8 items'],
  ],
  [
    'root not object with status',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "string"}}, "subresources": {"status": {}}}]}}',
    [
      'spec.validation.openAPIV3Schema.type: Invalid value: "string": only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      'spec.validation.openAPIV3Schema.type: Invalid value: "string": must be object at the root',
    ],
  ],
  [
    'root anyOf with status',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "anyOf": [{"required": ["spec"]}], "properties": {"spec": {"type": "object"}}}}, "subresources": {"status": {}}}]}}',
    [
      'spec.validation.openAPIV3Schema: Invalid value: {"ID":"","Schema":"","Ref":null,"Description":"","Type":"object","Nullable":false,"Format":"","Title":"","Default":null,"Maximum":null,"ExclusiveMaximum":false,"Minimum":null,"ExclusiveMinimum":false,"MaxLength":null,"MinLength":null,"Pattern":"","MaxItems":null,"MinItems":null,"UniqueItems":false,"MultipleOf":null,"Enum":null,"MaxProperties":null,"MinProperties":null,"Required":null,"Items":null,"AllOf":null,"OneOf":null,"AnyOf":[{"ID":"","Schema":"","Ref":null,"Description":"","Type":"","Nullable":false,"Format":"","Title":"","Default":null,"Maximum":null,"ExclusiveMaximum":false,"Minimum":null,"ExclusiveMinimum":false,"MaxLength":null,"MinLength":null,"Pattern":"","MaxItems":null,"MinItems":null,"UniqueItems":false,"MultipleOf":null,"Enum":null,"MaxProperties":null,"MinProperties":null,"Required":["spec"],"Items":null,"AllOf":null,"OneOf":null,"AnyOf":null,"Not":null,"Properties":null,"AdditionalProperties":null,"PatternProperties":null,"Dependencies":null,"AdditionalItems":null,"Definitions":null,"ExternalDocs":null,"Example":null,"XPreserveUnknownFields":null,"XEmbeddedResource":false,"XIntOrString":false,"XListMapKeys":null,"XListType":null,"XMapType":null,"XValidations":null}],"Not":null,"Properties":{"spec":{"ID":"","Schema":"","Ref":null,"Description":"","Type":"object","Nullable":false,"Format":"","Title":"","Default":null,"Maximum":null,"ExclusiveMaximum":false,"Minimum":null,"ExclusiveMinimum":false,"MaxLength":null,"MinLength":null,"Pattern":"","MaxItems":null,"MinItems":null,"UniqueItems":false,"MultipleOf":null,"Enum":null,"MaxProperties":null,"MinProperties":null,"Required":null,"Items":null,"AllOf":null,"OneOf":null,"AnyOf":null,"Not":null,"Properties":null,"AdditionalProperties":null,"PatternProperties":null,"Dependencies":null,"AdditionalItems":null,"Definitions":null,"ExternalDocs":null,"Example":null,"XPreserveUnknownFields":null,"XEmbeddedResource":false,"XIntOrString":false,"XListMapKeys":null,"XListType":null,"XMapType":null,"XValidations":null}},"AdditionalProperties":null,"PatternProperties":null,"Dependencies":null,"AdditionalItems":null,"Definitions":null,"ExternalDocs":null,"Example":null,"XPreserveUnknownFields":null,"XEmbeddedResource":false,"XIntOrString":false,"XListMapKeys":null,"XListType":null,"XMapType":null,"XValidations":null}: only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status subresource is enabled',
    ],
  ],
  [
    'two versions different',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {}}}}}}}, {"name": "v2", "served": true, "storage": false, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"b": {}}}}}}}]}}',
    [
      'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields',
      'spec.versions[1].schema.openAPIV3Schema.properties[spec].properties[b].type: Required value: must not be empty for specified object fields',
    ],
  ],
  [
    'two versions same schema',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {}}}}}}}, {"name": "v2", "served": true, "storage": false, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {}}}}}}}]}}',
    [
      'spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields',
    ],
  ],
  [
    'two versions different columns and sub',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}, "additionalPrinterColumns": [{"name": "", "type": "string", "jsonPath": ".a"}], "subresources": {"scale": {"specReplicasPath": "", "statusReplicasPath": ".status.a"}}}, {"name": "v2", "served": true, "storage": false, "schema": {"openAPIV3Schema": {"type": "object"}}}]}}',
    [
      'spec.versions[0].subresources.scale.specReplicasPath: Required value',
      'spec.versions[0].additionalPrinterColumns[0].name: Required value',
    ],
  ],
  [
    'fields of one version, schema of both',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}, {"name": "v2", "served": true, "storage": false, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"a": {"type": "string"}}}}, "selectableFields": [{"jsonPath": ".a"}]}]}}',
    [
      'spec.versions[1].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included',
    ],
  ],
  [
    'fields of both versions, schemas of each',
    '{"metadata": {"name": "foos.schema-c.example.com"}, "spec": {"group": "schema-c.example.com", "scope": "Namespaced", "names": {"plural": "foos", "kind": "Foo"}, "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"a": {"type": "string"}}}}, "selectableFields": [{"jsonPath": ".a"}]}, {"name": "v2", "served": true, "storage": false, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}, "selectableFields": [{"jsonPath": ".a"}]}]}}',
    ['spec.selectableFields: Invalid value: "": may only be set when validations.schema is included'],
  ],
];

describe('the check of subresources, columns, fields and conversion', () => {
  it.each(cases)('says what the server says: %s', (_title, body, errors) => {
    expect(errorsOfCreation(body)).toEqual(errors);
  });
});
