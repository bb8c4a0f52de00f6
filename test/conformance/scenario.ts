/**
 * A list of requests and watches that is played on a real kube-apiserver and on the embedded one.
 * What is compared is everything a client can see; a scenario asserts nothing itself.
 */
export interface Scenario {
  /** A sentence about the behaviour. */
  readonly name: string;
  /** The part of the support table it belongs to: `watch`, `create`, `crd validation`, … */
  readonly area: string;
  play(server: ScenarioServer): Promise<void>;
}

export function scenario(area: string, name: string, play: (server: ScenarioServer) => Promise<void>): Scenario {
  return { area, name, play };
}

export interface RequestOptions {
  /** JSON unless it is a string or bytes, which are sent as they are. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For what must happen but is no comparison of its own: set-up and waiting. */
  readonly unrecorded?: boolean;
  /** Not as the administrator: with no credentials but those in `headers`. */
  readonly withoutCertificate?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The parsed body; undefined where it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: scenarios pick what they need from answers of any shape
  readonly body: any;
}

export interface Watch {
  /** Waits until the watch has delivered so many events in total (of bookmarks, only the end of initial events, if asked for). */
  events(count: number, options?: { readonly bookmarks?: boolean }): Promise<void>;
  /** Waits until the server ends the stream. */
  ended(): Promise<void>;
  /** Ends the watch from this side and records what it delivered. */
  close(): Promise<void>;
}

export interface ScenarioServer {
  /** A namespace of this scenario's own, created before and deleted after it. */
  readonly namespace: string;
  /** A word for names of cluster-scoped objects and API groups, the same on both servers. */
  readonly unique: string;
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  get(path: string, options?: RequestOptions): Promise<Answer>;
  post(path: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  put(path: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  /** `type` is `json`, `merge`, `strategic` or `apply`, or a content type. */
  patch(path: string, type: string, body: unknown, options?: RequestOptions): Promise<Answer>;
  delete(path: string, options?: RequestOptions): Promise<Answer>;
  /** Opens a watch; `watch=1` is added to the query. Resolves when the headers are there. */
  watch(path: string, options?: RequestOptions): Promise<Watch>;
  /** Creates a CustomResourceDefinition and waits until it is served; deleted after the scenario. Not recorded. */
  installCrd(crd: object): Promise<void>;
  /** Repeats a GET, unrecorded, until the answer fits; gives up after a minute. */
  until(path: string, fits: (answer: Answer) => boolean): Promise<Answer>;
  /** Records what came from the server by another way: what a webhook was asked. */
  record(title: string, body: unknown): void;
}
