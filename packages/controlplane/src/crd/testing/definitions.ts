import type { MutableObject } from '../../registry/index.ts';
import { definitionResource } from '../index.ts';

const { strategy } = definitionResource(() => {});

/** A definition as JSON, and what a 1.36 kube-apiserver said of it; empty where it took it. */
export type DefinitionCase = readonly [title: string, body: string, errors: readonly string[]];

/** What the hooks of a creation say of a definition, in the order in which the verbs call them. */
export function errorsOfCreation(body: string): string[] {
  const whole = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', ...JSON.parse(body) };
  const { object } = strategy.decode(whole as MutableObject);
  strategy.applyDefaults(object);
  strategy.prepareForCreate(object);
  return strategy.validate(object).map(String);
}
