import type { KubeObject } from '@setpoint/apimachinery/meta';
import type { AnyKind } from '../kinds/index.ts';
import { keyOf, type Log } from '../reconcile/index.ts';
import type { Controller } from './types.ts';

/**
 * A log whose lines name an object that a controller watches. The logger behind it is made at the first line: mappers
 * see every change of every such object, and most say nothing.
 */
export class ObjectLog implements Log {
  readonly #make: () => Log;
  #made: Log | undefined;

  /** @param log a logger without a controller's fields: with them, a line would name two kinds */
  constructor(log: Log, controller: Controller, kind: AnyKind, object: KubeObject) {
    this.#make = () => log.child({ controller: controller.name, group: kind.group, kind: kind.kind, ...keyOf(object) });
  }

  debug(...line: Line): void {
    this.#log.debug(...(line as [object, string]));
  }

  info(...line: Line): void {
    this.#log.info(...(line as [object, string]));
  }

  warn(...line: Line): void {
    this.#log.warn(...(line as [object, string]));
  }

  error(...line: Line): void {
    this.#log.error(...(line as [object, string]));
  }

  child(fields: object): Log {
    return this.#log.child(fields);
  }

  get #log(): Log {
    this.#made ??= this.#make();
    return this.#made;
  }
}

type Line = [message: string] | [fields: object, message: string];
