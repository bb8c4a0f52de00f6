/** What shows the server who is calling. */
export interface Credentials {
  /** Header fields of each request. */
  headers(signal: AbortSignal): Promise<Readonly<Record<string, string | readonly string[]>>>;
  /** Called after a 401; true if the next request may fare better. */
  renew(signal: AbortSignal): Promise<boolean>;
}

export const noCredentials: Credentials = {
  headers: () => Promise.resolve({}),
  renew: () => Promise.resolve(false),
};
