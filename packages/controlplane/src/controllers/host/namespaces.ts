import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { MutableObject } from '../../registry/index.ts';
import { StatusError } from '../../status/index.ts';
import { isStatus } from './client.ts';

/** Whether content may be created in it. */
export function isActiveNamespace(namespace: KubeObject | undefined): boolean {
  return (namespace as MutableObject | undefined)?.status?.phase === 'Active';
}

/** Waits for a creation. That it is there already, or that its namespace is going or gone, is as good. */
export async function unlessTerminating(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (isStatus(error, 404) || isAlreadyExists(error) || isTerminating(error)) return;
    throw error;
  }
}

function isAlreadyExists(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'AlreadyExists';
}

/** Whether a creation was refused because its namespace is going. */
export function isTerminating(error: unknown): boolean {
  if (!(error instanceof StatusError)) return false;
  return error.status.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false;
}
