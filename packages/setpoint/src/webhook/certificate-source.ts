/** Where the serving certificate comes from; it hands each new one to the server. */
export interface CertificateSource {
  /** Resolves once it has tried to get the first; goes on trying where that failed, and says so in the log. */
  start(): Promise<void>;
  close(): void;
}
