import { goQuote } from '@setpoint/apimachinery/errors';
import { effectiveFormat, schemaHas } from '@setpoint/apimachinery/schema';
import type { Definition } from './definition.ts';

/** A warning for each format that the server does not know and so ignores; on update for new ones only. */
export function unrecognizedFormats(definition: Definition, old: Definition | undefined): string[] {
  const known = new Set(old ? formatsOf(old) : []);
  return formatsOf(definition)
    .filter((format) => !known.has(format))
    .map((format) => `unrecognized format ${goQuote(format)}`);
}

function formatsOf(definition: Definition): string[] {
  const found: string[] = [];
  for (const version of definition.spec.versions) {
    const schema = version.schema?.openAPIV3Schema;
    if (schema === undefined) continue;
    schemaHas(schema, (node) => {
      const format = node.format ?? '';
      if (format !== '' && effectiveFormat({ type: node.type ?? '', format }) === '') found.push(format);
      return false;
    });
  }
  return found;
}
