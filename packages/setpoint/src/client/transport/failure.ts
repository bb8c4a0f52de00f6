import { ConnectionError } from '../../errors/index.ts';

const tlsCodes = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_OSSL|HOSTNAME_MISMATCH|INVALID_CA)/;

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  ETIMEDOUT: 'the host did not answer',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
};

/** A failure to connect, as one sentence. */
export function connectFailure(host: string, error: unknown): ConnectionError {
  const { code, text } = describe(error);
  const isTls = tlsCodes.test(code);
  const message = isTls
    ? `cannot make a secure connection to ${host}: ${text}`
    : `cannot connect to ${host}: ${sentences[code] ?? text}`;
  return new ConnectionError(isTls ? 'TlsFailed' : 'ConnectFailed', message, { requestSent: false, cause: error });
}

/** The connection went away under a request. */
export function lostConnection(host: string, error: unknown, requestSent: boolean): ConnectionError {
  const { code, text } = describe(error);
  const message = `the connection to ${host} was lost: ${sentences[code] ?? text}`;
  return new ConnectionError('ConnectionLost', message, { requestSent, cause: error });
}

export function clientClosed(requestSent: boolean): ConnectionError {
  return new ConnectionError('Closed', 'the client is closed', { requestSent });
}

function describe(error: unknown): { readonly code: string; readonly text: string } {
  // Node wraps the failures of several addresses of one host; the first says enough.
  const inner = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  if (!(inner instanceof Error)) return { code: '', text: inner === undefined ? 'it ended' : String(inner) };
  const code = (inner as NodeJS.ErrnoException).code ?? '';
  return { code: String(code), text: inner.message };
}
