/** A selector that cannot be understood; the message is the API server's own (it answers 400 BadRequest with it). */
export class SelectorError extends Error {
  readonly code = 'INVALID_SELECTOR';
  override readonly name = 'SelectorError';
}
