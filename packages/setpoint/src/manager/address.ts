/** Where a server listens. */
export interface BindAddress {
  readonly host: string;
  /** TCP port; 0 is any free one. */
  readonly port: number;
}

/**
 * Reads an address as Go's programs take it: `:8080` is every interface, `127.0.0.1:8080` one, `0` or nothing none.
 *
 * @throws Error in one sentence
 */
export function parseBindAddress(text: string): BindAddress | undefined {
  if (text === '' || text === '0') return undefined;
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535)
    throw new Error(`${JSON.stringify(text)} is no address: write host:port, :port, or 0 for none`);
  const host = match[1] ?? match[2] ?? '';
  return { host: host === '' ? '::' : host, port };
}

export function formatAddress({ host, port }: BindAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
