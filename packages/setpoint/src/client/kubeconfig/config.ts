/** Everything needed to talk to one cluster as one user; made by `loadConfig`, or by hand. */
export interface ClientConfig {
  /** `https://host:port`, perhaps with a path before `/api`. */
  readonly server: string;
  /** The context's namespace. @default 'default' */
  readonly namespace?: string | undefined;
  /** Left out: what Node trusts, and no client certificate. */
  readonly tls?: TlsConfig | undefined;
  /** Left out: nothing but the client certificate, if there is one. */
  readonly auth?: Authentication | undefined;
  /** Left out: requests come from the user itself. */
  readonly impersonate?: Impersonation | undefined;
  /** `http://proxy:3128`; beats HTTPS_PROXY and NO_PROXY. */
  readonly proxyUrl?: string | undefined;
  /** Where this came from, for messages: `context kind-dev of /home/me/.kube/config`. */
  readonly source?: string | undefined;
}

/** What the connection to the server is secured with. */
export interface TlsConfig {
  /** PEM; left out: what Node trusts. */
  readonly ca?: Uint8Array | string | undefined;
  /** PEM. */
  readonly cert?: Uint8Array | string | undefined;
  /** PEM. */
  readonly key?: Uint8Array | string | undefined;
  /** Name to expect in the server's certificate instead of the URL's host. */
  readonly serverName?: string | undefined;
  /** Whether any certificate of the server is believed: only for tests. @default false */
  readonly insecureSkipVerify?: boolean | undefined;
}

/** How a user proves who it is, besides by a client certificate. */
export type Authentication =
  | { readonly type: 'token'; readonly token: string }
  /** Read again when a minute old: mounted tokens rotate. */
  | { readonly type: 'tokenFile'; readonly path: string }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | ExecAuthentication;

/** A program that prints credentials (client.authentication.k8s.io). */
export interface ExecAuthentication {
  readonly type: 'exec';
  readonly apiVersion: 'client.authentication.k8s.io/v1' | 'client.authentication.k8s.io/v1beta1';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What to tell a person who lacks the program. */
  readonly installHint?: string | undefined;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  /** The `client.authentication.k8s.io/exec` extension of the cluster. */
  readonly clusterConfig?: unknown;
}

/**
 * Whom requests are to be taken to come from
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation).
 */
export interface Impersonation {
  /** The user's name; needed for all the others to count. */
  readonly user?: string | undefined;
  readonly uid?: string | undefined;
  /** Groups that the user is to be taken to be in. */
  readonly groups?: readonly string[] | undefined;
  /** Further facts about the user, by key. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}
