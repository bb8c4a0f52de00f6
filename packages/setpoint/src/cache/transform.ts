import type { KubeObject } from '@setpoint/apimachinery/meta';
import { essentialMetadata, type Transform } from '../kinds/index.ts';
import type { RareLog } from './indexer.ts';

import { objectKey } from './table.ts';

/** Guards a transform: what it throws is said, and what everything relies on is put back. */
export function transforming(transform: Transform, errors: RareLog): (object: KubeObject) => void {
  return (object) => {
    const { apiVersion, kind, metadata } = object;
    const kept = Object.fromEntries(
      essentialMetadata.flatMap((name) => (name in metadata ? [[name, metadata[name]]] : [])),
    );
    try {
      const answer: unknown = transform(object as never);
      if (answer !== undefined && answer !== object) throw new Error('it has to change the object in place');
    } catch (error) {
      errors.say({ err: error, object: objectKey(metadata) });
    }
    const changed = object as { apiVersion?: unknown; kind?: unknown; metadata?: object };
    changed.apiVersion = apiVersion;
    changed.kind = kind;
    changed.metadata = typeof changed.metadata === 'object' && changed.metadata !== null ? changed.metadata : metadata;
    Object.assign(changed.metadata, kept);
  };
}
