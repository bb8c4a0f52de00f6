export {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  isZeroQuantity,
  negateQuantity,
  quantityFromNumber,
  quantityToNumber,
  subtractQuantities,
} from './arithmetic.ts';
export { parseQuantity } from './parse.ts';
export { type Quantity, QuantityError, type QuantityFormat } from './types.ts';
