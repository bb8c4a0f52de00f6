import type { KubeObject } from '@setpoint/apimachinery/meta';

/**
 * Objects of a resource that are converted by another program (a conversion webhook). `fromStorage`, `toStorage` and
 * `versions.convert` answer for what has been converted, and throw ConversionPending for anything else.
 */
export interface AwaitedConversion {
  /** Converts objects of the store to this version, all at once. Undefined: there is nothing to wait for. */
  prepare(objects: readonly KubeObject[]): Promise<void> | undefined;
  /** Converts an object of the store again, whatever it came to before: what is read is as the webhook has it now. */
  refresh(object: KubeObject): Promise<void> | undefined;
}

/** What was asked for is being converted: ask again when `settled` is fulfilled. It rejects where that failed. */
export class ConversionPending extends Error {
  readonly settled: Promise<void>;

  constructor(settled: Promise<void>) {
    super('a conversion has to be waited for');
    this.settled = settled;
  }
}

const mostConversions = 100;

/**
 * Runs `action`, and again each time a conversion that it lacked is there. Until it has all of them it must change
 * nothing. Resources without such conversions are answered at once.
 */
export function whenConverted<T>(
  { conversion }: { readonly conversion?: AwaitedConversion },
  action: () => T,
): T | Promise<T> {
  return conversion ? untilConverted(action) : action();
}

/** The same for what may meet such a resource anywhere: it costs nothing where none is met. */
export function afterConversions<T>(action: () => T): T | Promise<Awaited<T>> {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof ConversionPending)) throw error;
    return error.settled.then(() => untilConverted(action)) as Promise<Awaited<T>>;
  }
}

async function untilConverted<T>(action: () => T): Promise<T> {
  for (let left = mostConversions; ; left--) {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof ConversionPending) || left === 0) throw error;
      await error.settled;
    }
  }
}
