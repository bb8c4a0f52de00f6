/** A resource as a server describes it. */
export interface DiscoveredResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly string[];
}

/** What the server serves, read when first needed and again when something is missing. */
export interface Discovery {
  /** The resource of a kind; undefined if the server does not serve it, also after a fresh look. */
  find(
    reference: { readonly apiVersion: string; readonly kind: string },
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<DiscoveredResource | undefined>;
  /** All resources of all groups, each group's preferred version first. */
  all(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly DiscoveredResource[]>;
  /** Forgets what was read. */
  forget(): void;
}
