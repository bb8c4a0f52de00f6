/** Everything needed to talk to one cluster as one user; made by `loadConfig`, or by hand. */
export interface ClientConfig {
  /** `https://host:port`, perhaps with a path before `/api`. */
  readonly server: string;
  /** The context's namespace. @default 'default' */
  readonly namespace?: string | undefined;
  readonly tls?: TlsConfig | undefined;
  readonly auth?: Authentication | undefined;
  readonly impersonate?: Impersonation | undefined;
  /** `http://proxy:3128`; beats HTTPS_PROXY and NO_PROXY. */
  readonly proxyUrl?: string | undefined;
  /** Where this came from, for messages: `context kind-dev of /home/me/.kube/config`. */
  readonly source?: string | undefined;
}

export interface TlsConfig {
  /** PEM; left out: what Node trusts. */
  readonly ca?: Uint8Array | string | undefined;
  /** PEM. */
  readonly cert?: Uint8Array | string | undefined;
  /** PEM. */
  readonly key?: Uint8Array | string | undefined;
  /** Name to expect in the server's certificate instead of the URL's host. */
  readonly serverName?: string | undefined;
  readonly insecureSkipVerify?: boolean | undefined;
}

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
  readonly installHint?: string | undefined;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  /** The `client.authentication.k8s.io/exec` extension of the cluster. */
  readonly clusterConfig?: unknown;
}

export interface Impersonation {
  readonly user?: string | undefined;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}
