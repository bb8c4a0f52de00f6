import { FakeClock } from '@setpoint/apimachinery/clock';
import { createControlPlane } from '../../control-plane.ts';
import type { ControlPlane, ControlPlaneOptions } from '../../options.ts';
import type { ControllerFailure } from '../index.ts';

/** An answer, parsed. */
export interface TestAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly body: any;
}

/** A control plane with some controllers on a clock that stands still, spoken to as clients do. */
export class TestCluster {
  readonly clock = new FakeClock();
  readonly failures: ControllerFailure[] = [];
  readonly plane: ControlPlane;

  constructor(controllers: readonly string[], options: ControlPlaneOptions = {}) {
    this.plane = createControlPlane({
      clock: this.clock,
      seed: 1,
      controllers,
      onControllerFailure: (failure) => void this.failures.push(failure),
      ...options,
    });
  }

  async request(method: string, url: string, body?: unknown, contentType = 'application/json'): Promise<TestAnswer> {
    const response = await this.plane.handle({
      method,
      url,
      headers: { 'content-type': contentType },
      body: new TextEncoder().encode(body === undefined ? '' : JSON.stringify(body)),
      signal: new AbortController().signal,
    });
    const text = await new Response(response.body as Uint8Array<ArrayBuffer>).text();
    return { status: response.status, body: JSON.parse(text) };
  }

  get(url: string): Promise<TestAnswer> {
    return this.request('GET', url);
  }

  /** @throws Error if it is refused */
  async create(url: string, body: unknown): Promise<TestAnswer['body']> {
    const answer = await this.request('POST', url, body);
    if (answer.status !== 201) throw new Error(`POST ${url}: ${answer.body.message}`);
    return answer.body;
  }

  patch(url: string, body: unknown): Promise<TestAnswer> {
    return this.request('PATCH', url, body, 'application/merge-patch+json');
  }

  delete(url: string, options?: unknown): Promise<TestAnswer> {
    return this.request('DELETE', url, options);
  }

  /** Lets the controllers come to rest; no time passes. */
  async settle(): Promise<void> {
    for (let quiet = 0, turn = 0; quiet < 5; turn++) {
      if (turn > 100_000) throw new Error('the controllers do not come to rest');
      await new Promise((resolve) => setImmediate(resolve));
      quiet = this.plane.activity().controllers === 0 ? quiet + 1 : 0;
    }
  }

  /** Moves time from timer to timer; the controllers come to rest in between. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.clock.monotonic() + milliseconds;
    for (;;) {
      await this.settle();
      const left = end - this.clock.monotonic();
      if (left <= 0) return;
      await this.clock.advance(Math.min(left, Math.max(this.clock.nextDue() ?? left, 0.001)));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.plane.close();
  }
}
