/** What is asked for, in a webhook: AdmissionRequest of admission.k8s.io/v1 without its objects. */
export interface AdmissionRequest {
  /** Of this one question; it stands in the log of the API server, too. */
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** Empty at a creation by generateName. */
  readonly name: string;
  readonly namespace: string | undefined;
  /** Nothing will be stored: whoever has effects beyond the answer must not have them. */
  readonly dryRun: boolean;
  readonly user: {
    readonly name: string;
    readonly uid: string | undefined;
    readonly groups: readonly string[];
    readonly extra: Readonly<Record<string, readonly string[]>>;
  };
  /** CreateOptions, UpdateOptions or DeleteOptions as the client gave them. */
  readonly options: Readonly<Record<string, unknown>> | undefined;
}
