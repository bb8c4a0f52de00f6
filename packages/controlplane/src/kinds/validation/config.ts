import { FieldError, FieldPath } from '@setpoint/apimachinery/errors';
import { JsonSyntaxError, parseJson } from '@setpoint/apimachinery/json';
import { configMapKey } from '@setpoint/apimachinery/names';
import { deepEqual } from '@setpoint/apimachinery/patch';
import type { Loose } from '../walk.ts';
import { all, type Errors } from './common.ts';

const mebibyte = 1024 * 1024;
const data = FieldPath.of('data');

export function validateConfigMap(map: Loose): Errors {
  const errors: Errors = [];
  let size = 0;
  for (const [key, value] of Object.entries(map.data ?? {}) as [string, string][]) {
    all(configMapKey(key), data.key(key), key, errors);
    if (Object.hasOwn(map.binaryData ?? {}, key)) {
      errors.push(FieldError.invalid(data.key(key), key, 'duplicate of key present in binaryData'));
    }
    size += Buffer.byteLength(value);
  }
  for (const [key, value] of Object.entries(map.binaryData ?? {}) as [string, string][]) {
    all(configMapKey(key), FieldPath.of('binaryData').key(key), key, errors);
    size += Buffer.byteLength(value, 'base64');
  }
  if (size > mebibyte) errors.push(FieldError.tooLong('', '', mebibyte));
  return errors;
}

const frozen = 'field is immutable when `immutable` is set';

export function validateConfigMapUpdate(map: Loose, old: Loose): Errors {
  const errors: Errors = [];
  if (!old.immutable) return errors;
  if (!map.immutable) errors.push(FieldError.forbidden('immutable', frozen));
  if (!deepEqual(map.data ?? {}, old.data ?? {})) errors.push(FieldError.forbidden('data', frozen));
  if (!deepEqual(map.binaryData ?? {}, old.binaryData ?? {})) errors.push(FieldError.forbidden('binaryData', frozen));
  return errors;
}

/** Keys that a Secret of a type must have. */
const required: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

export function validateSecret(secret: Loose): Errors {
  const errors: Errors = [];
  const content: Readonly<Record<string, string>> = secret.data ?? {};
  let size = 0;
  for (const [key, value] of Object.entries(content)) {
    all(configMapKey(key), data.key(key), key, errors);
    size += Buffer.byteLength(value, 'base64');
  }
  if (size > mebibyte) errors.push(FieldError.tooLong(data, '', mebibyte));
  if (secret.type === 'kubernetes.io/service-account-token') {
    const account = 'kubernetes.io/service-account.name';
    if (!secret.metadata.annotations?.[account]) {
      errors.push(FieldError.required(FieldPath.of('metadata', 'annotations').key(account)));
    }
  }
  if (secret.type === 'kubernetes.io/basic-auth' && content.username === undefined && content.password === undefined) {
    errors.push(FieldError.required(data.key('username')), FieldError.required(data.key('password')));
  }
  for (const key of required[secret.type] ?? []) {
    if (content[key] === undefined) errors.push(FieldError.required(data.key(key)));
    else if (key.startsWith('.docker')) checkJson(content[key], key, errors);
  }
  return errors;
}

function checkJson(encoded: string, key: string, errors: Errors): void {
  try {
    parseJson(Buffer.from(encoded, 'base64'));
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    // The value is a secret: it is not repeated.
    errors.push(FieldError.invalid(data.key(key), '<secret contents redacted>', error.message));
  }
}

export function validateSecretUpdate(secret: Loose, old: Loose): Errors {
  const errors: Errors = [];
  if (secret.type !== old.type) errors.push(FieldError.invalid('type', secret.type, 'field is immutable'));
  if (!old.immutable) return errors;
  if (!secret.immutable) errors.push(FieldError.forbidden('immutable', frozen));
  if (!deepEqual(secret.data ?? {}, old.data ?? {})) errors.push(FieldError.forbidden('data', frozen));
  return errors;
}
