import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createCertificateAuthority } from '@setpoint/controlplane';
import type { ScenarioServer } from './scenario.ts';

// biome-ignore lint/suspicious/noExplicitAny: reviews of objects of any kind
type Loose = any;

/** What a conversion webhook answers: the response beside its uid, or the bytes of the whole answer. */
export type ConversionReply =
  | { readonly objects: readonly Loose[] }
  | { readonly response: Loose }
  | { readonly review: Loose }
  | { readonly raw: string; readonly status?: number; readonly contentType?: string }
  | 'close';

export type Convert = (request: {
  readonly objects: readonly Loose[];
  readonly desiredAPIVersion: string;
}) => ConversionReply;

/** A conversion webhook of one scenario, on loopback, with an authority of its own. */
export class ConversionServer implements AsyncDisposable {
  readonly #server: Server;
  readonly authority: string;
  readonly port: number;
  /** How it answers from now on. */
  convert: Convert;
  /** Reviews, in order. */
  readonly reviews: Loose[] = [];

  static async start(convert: Convert): Promise<ConversionServer> {
    const authority = createCertificateAuthority('conversion');
    const { certificate, key } = authority.issueServer(['127.0.0.1', 'localhost']);
    const server = createServer({ cert: certificate, key });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ConversionServer(server, authority.certificate, convert);
  }

  private constructor(server: Server, authority: string, convert: Convert) {
    this.#server = server;
    this.authority = authority;
    this.convert = convert;
    this.port = (server.address() as AddressInfo).port;
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const review = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      this.reviews.push({ ...review, url: request.url });
      const { uid } = review.request;
      const reply = this.convert(review.request);
      if (reply === 'close') return void request.socket.destroy();
      if ('raw' in reply) {
        response.writeHead(reply.status ?? 200, { 'content-type': reply.contentType ?? 'application/json' });
        return void response.end(reply.raw);
      }
      const { apiVersion, kind } = review;
      const success = { uid, result: { status: 'Success' } };
      const body =
        'review' in reply
          ? reply.review
          : 'response' in reply
            ? { apiVersion, kind, response: { ...success, ...reply.response } }
            : { apiVersion, kind, response: { ...success, convertedObjects: reply.objects } };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  }

  /** `spec.conversion` of a definition. */
  conversion(versions: readonly string[] = ['v1'], clientConfig: object = {}): object {
    const caBundle = Buffer.from(this.authority).toString('base64');
    return {
      strategy: 'Webhook',
      webhook: {
        conversionReviewVersions: versions,
        clientConfig: { url: `https://127.0.0.1:${this.port}/convert`, caBundle, ...clientConfig },
      },
    };
  }

  /** Records the last review. */
  record(server: ScenarioServer, title: string): void {
    const { url, ...review } = this.reviews.at(-1) ?? {};
    server.record(`asked: ${title}`, { url, review });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
