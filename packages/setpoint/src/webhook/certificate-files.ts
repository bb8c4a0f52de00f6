import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeyPair } from '@setpoint/apimachinery/certificates';
import type { Clock, Timer } from '@setpoint/apimachinery/clock';
import { type Log, messageOf } from '../reconcile/index.ts';
import type { CertificateSource } from './certificate-source.ts';
import type { WebhookMetrics } from './types.ts';

/** Notices of a file system get lost on links and network disks: it is also asked. */
const pollInterval = 10_000;

/** Where a certificate and its key lie, PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** A pair of files, read again whenever they change: cert-manager writes them, or a person does. */
export class FileCertificates implements CertificateSource {
  readonly #files: CertificateFiles;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #metrics: WebhookMetrics | undefined;
  readonly #use: (pair: KeyPair) => void;
  readonly #watchers: FSWatcher[] = [];
  #present: KeyPair | undefined;
  #complained = '';
  #timer: Timer | undefined;
  #closed = false;

  constructor(
    files: CertificateFiles,
    options: {
      readonly clock: Clock;
      readonly log: Log;
      readonly metrics?: WebhookMetrics | undefined;
      readonly use: (pair: KeyPair) => void;
    },
  ) {
    this.#files = files;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#metrics = options.metrics;
    this.#use = options.use;
  }

  async start(): Promise<void> {
    for (const folder of new Set([this.#files.certificate, this.#files.key].map((file) => dirname(file)))) {
      try {
        const watcher = watch(folder, { persistent: false }, () => void this.check());
        watcher.on('error', () => undefined);
        this.#watchers.push(watcher);
      } catch {
        // The folder is not there yet; it is asked for anyway.
      }
    }
    await this.check();
    this.#poll();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const watcher of this.#watchers) watcher.close();
  }

  /** Uses the files if they have changed and belong together; else what was there before goes on. */
  async check(): Promise<void> {
    try {
      const [certificate, key] = await Promise.all([
        readFile(this.#files.certificate, 'utf8'),
        readFile(this.#files.key, 'utf8'),
      ]);
      if (this.#closed || (this.#present?.certificate === certificate && this.#present.key === key)) return;
      if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) {
        throw new Error('the key does not belong to the certificate');
      }
      this.#metrics?.certificateRead();
      this.#present = { certificate, key };
      this.#complained = '';
      this.#use(this.#present);
    } catch (error) {
      if (this.#closed) return;
      this.#metrics?.certificateReadError();
      // Once for each trouble: it is looked at every ten seconds.
      const trouble = messageOf(error);
      if (trouble === this.#complained) return;
      this.#complained = trouble;
      const { certificate } = this.#files;
      this.#log.error({ certificate }, `the certificate that is served cannot be used: ${trouble}`);
    }
  }

  #poll(): void {
    if (this.#closed) return;
    const again = () => void this.check().then(() => this.#poll());
    this.#timer = this.#clock.timer(pollInterval, again, { background: true });
  }
}
