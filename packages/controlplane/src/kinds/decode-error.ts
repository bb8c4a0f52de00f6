/** A body does not fit the Go types of its kind; the message is the one Go's decoder gives. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}
