/** How an amount is written: `500m`, `1Gi`, `1e3`. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/**
 * An exact amount of something: `unscaled × 10^scale`, remembering the notation it was written in.
 * Follows resource.Quantity of k8s.io/apimachinery: nothing smaller than a nano unit exists; what is
 * smaller is rounded up, away from zero.
 */
export interface Quantity {
  readonly unscaled: bigint;
  /** Power of ten. */
  readonly scale: number;
  readonly format: QuantityFormat;
  /** The text it came from, where the server would give it back unchanged. */
  readonly text?: string;
}

/** The text is no quantity; the message is the API server's. */
export class QuantityError extends Error {
  readonly code = 'InvalidQuantity';
  /** What was to be parsed. */
  readonly text: string;

  constructor(message: string, text: string) {
    super(message);
    this.name = 'QuantityError';
    this.text = text;
  }
}

export const nano = -9;

/** 10^exponent for an exponent of zero or more. */
export function power10(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}
