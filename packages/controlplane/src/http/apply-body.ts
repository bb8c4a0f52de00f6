import { isAscii, isUtf8 } from 'node:buffer';
import { JsonSyntaxError, parseJson } from '@setpoint/apimachinery/json';
import type { JsonValue } from '@setpoint/apimachinery/meta';
import type { MutableObject } from '../registry/index.ts';
import { badRequest } from '../status/index.ts';

/** What is to be applied, and what its text says twice, a line each. */
export interface ApplyBody {
  readonly object: MutableObject;
  readonly problems: readonly string[];
}

/**
 * Reads the body of an apply: YAML, of which JSON is the part that most clients use. Synchronous for JSON without
 * mistakes.
 * @throws StatusError 400 in the words of the server
 */
export function decodeApplyBody(body: Uint8Array): ApplyBody | Promise<ApplyBody> {
  return plainJson(body) ?? decodeYaml(body);
}

/** Undefined for what is better read as YAML: its mistakes are told as those of YAML. */
function plainJson(body: Uint8Array): ApplyBody | undefined {
  if (body[0] !== 0x7b || !isPlainText(body)) return undefined;
  let repeated = false;
  try {
    const value = parseJson(body, { onDuplicate: () => (repeated = true) });
    return repeated ? undefined : { object: objectOf(value), problems: [] };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
}

/** JSON takes bytes and characters that YAML has no place for. */
function isPlainText(body: Uint8Array): boolean {
  if (isAscii(body)) return !body.includes(0x7f);
  return isUtf8(body) && !/[\x7f-\x84\x86-\x9f\ufffe\uffff]/.test(new TextDecoder().decode(body));
}

async function decodeYaml(body: Uint8Array): Promise<ApplyBody> {
  const { parseYaml, YamlError } = await import('./yaml.ts');
  try {
    const { value, problems } = parseYaml(body);
    return { object: objectOf(value), problems: problems.flatMap(linesOf) };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`);
  }
}

/** Several repetitions come under a headline. */
function linesOf(problem: string): string[] {
  return problem
    .split('\n')
    .filter((line) => line !== 'yaml: unmarshal errors:')
    .map((line) => line.trim());
}

function objectOf(value: JsonValue): MutableObject {
  if (value === null) return {} as unknown as MutableObject;
  if (typeof value === 'object' && !Array.isArray(value)) return value as unknown as MutableObject;
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  const why = `json: cannot unmarshal ${found === 'bigint' ? 'number' : found} into Go value of type map[string]interface {}`;
  throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`);
}
