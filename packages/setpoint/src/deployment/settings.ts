/** How an operator is deployed; all of it optional, and all but the names values of the Helm chart. */
export interface DeploymentSettings {
  /** Where the operator runs. @default `<name>-system` */
  readonly namespace?: string;
  /** `registry/repository:tag`, or `registry/repository@sha256:…`. @default `<name>:<version>` */
  readonly image?: string;
  /** @default 'IfNotPresent' */
  readonly imagePullPolicy?: 'Always' | 'IfNotPresent' | 'Never';
  /** @default 1 */
  readonly replicas?: number;
  /** Of the container. The heap is three quarters of its memory limit. @default 10m and 128Mi, at most 500m and 256Mi */
  readonly resources?: {
    readonly requests?: Readonly<Record<string, string>>;
    readonly limits?: Readonly<Record<string, string>>;
  };
  /** The only namespaces it watches: its rights are then Roles there instead of a ClusterRole. @default all */
  readonly watchNamespaces?: readonly string[];
  /** Flags of the operator beyond those that the deployment sets itself. @default none */
  readonly arguments?: readonly string[];
  /** Environment variables of the container, as in a Pod. @default none */
  readonly environment?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  /** Whether Prometheus' operator is told to scrape it, by a ServiceMonitor. @default false */
  readonly serviceMonitor?: boolean;
  /** Whether only those may reach it that have to: who scrapes metrics, and the API server. @default false */
  readonly networkPolicy?: boolean;
  /** Whether evictions leave all replicas but one. @default true */
  readonly podDisruptionBudget?: boolean;
}

/** What `setpoint.config.ts` exports by default. */
export interface ProjectConfig {
  /** How the operator is deployed; see `DeploymentSettings` for the defaults. */
  readonly deployment?: DeploymentSettings;
}

/** The identity, for the sake of completion and checks in an editor. */
export function defineConfig(config: ProjectConfig): ProjectConfig {
  return config;
}

/** Settings with nothing left open. */
export interface ResolvedSettings extends Required<Omit<DeploymentSettings, 'resources'>> {
  readonly resources: object;
  readonly repository: string;
  readonly tag: string;
}

const defaultResources = {
  requests: { cpu: '10m', memory: '128Mi' },
  limits: { cpu: '500m', memory: '256Mi' },
};

/** @throws Error in one sentence for a value that no cluster takes */
export function resolveSettings(name: string, version: string, settings: DeploymentSettings): ResolvedSettings {
  const { namespace = `${name}-system`, image = `${name}:${version}`, replicas = 1 } = settings;
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new Error(`namespace ${JSON.stringify(namespace)}: use at most 63 lower-case letters, digits and dashes`);
  }
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw new Error(`replicas ${replicas}: use a whole number that is not negative`);
  }
  return {
    namespace,
    image,
    ...splitImage(image),
    replicas,
    imagePullPolicy: settings.imagePullPolicy ?? 'IfNotPresent',
    resources: settings.resources ?? defaultResources,
    watchNamespaces: settings.watchNamespaces ?? [],
    arguments: settings.arguments ?? [],
    environment: settings.environment ?? [],
    serviceMonitor: settings.serviceMonitor ?? false,
    networkPolicy: settings.networkPolicy ?? false,
    podDisruptionBudget: settings.podDisruptionBudget ?? true,
  };
}

/**
 * What stands before the last colon and after it: a tag, or the digits of a digest. A colon before a slash is that of a
 * registry's port.
 */
function splitImage(image: string): { readonly repository: string; readonly tag: string } {
  const [, name, tag, digest] =
    /^((?:[^\s/@]+\/)*[a-z0-9][^\s/:@]*)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@sha256:([a-f0-9]{64}))?$/.exec(
      image,
    ) ?? [];
  if (name === undefined) {
    throw new Error(`image ${JSON.stringify(image)}: use registry/repository:tag`);
  }
  return digest === undefined
    ? { repository: name, tag: tag ?? 'latest' }
    : { repository: `${name}@sha256`, tag: digest };
}
