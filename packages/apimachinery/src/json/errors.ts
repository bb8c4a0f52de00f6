/** A text that is no JSON. The message is the one encoding/json of Go gives for it. */
export class JsonSyntaxError extends Error {
  readonly code = 'JsonSyntaxError';
  override readonly name = 'JsonSyntaxError';
}
