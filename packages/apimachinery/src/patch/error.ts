/** Why a patch does not apply. `TestFailed` is the one that a caller usually treats apart. */
export type JsonPatchErrorReason = 'TestFailed' | 'Missing' | 'InvalidIndex' | 'Invalid' | 'TooLarge';

/** A patch that cannot be read or does not apply; the message is the API server's. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError';
  readonly reason: JsonPatchErrorReason;

  constructor(reason: JsonPatchErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
