import { appendFileSync } from 'node:fs';
import type { AuditEvent, AuditLog } from '@setpoint/controlplane';
import { manifestYaml } from 'setpoint/manifests';
import { type Access, actorOf, describeAccess, minimalRights, refusedAccesses, roleManifests } from 'setpoint/rights';

/** Names a file to which the requests of operators are written, for `setpoint rbac --from-run`. */
const recordTo = 'SETPOINT_AUDIT_LOG';

/** An operator whose rights are watched. */
interface Watched {
  readonly operator: string;
  /** What it was refused since somebody asked. */
  readonly missing: Map<string, Access>;
}

/** What operators were refused because their roles do not allow it, told once. */
export class Refusals implements Disposable {
  readonly #audit: AuditLog;
  readonly #watched = new Map<string, Watched>();
  readonly #file = process.env[recordTo];
  #close: (() => void) | undefined;
  #onRefusal: (() => void) | undefined;

  constructor(audit: AuditLog) {
    this.#audit = audit;
  }

  /** @param user of the operator's requests */
  watch(user: string, operator: string): void {
    this.#close ??= this.#audit.onEvent((event) => this.#tell(event));
    this.#watched.set(user, { operator, missing: new Map() });
  }

  /** Its refusals are no failures. */
  ignore(user: string): void {
    this.#watched.delete(user);
  }

  /** Resolves with the next refusal. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRefusal = resolve;
    });
  }

  /** What was refused and has not been told yet, with the rules to add. */
  async take(): Promise<Error | undefined> {
    const refused = [...this.#watched.values()].filter(({ missing }) => missing.size > 0);
    if (refused.length === 0) return undefined;
    const sentences = await Promise.all(
      refused.map(({ operator, missing }) => explain(operator, [...missing.values()])),
    );
    for (const { missing } of refused) missing.clear();
    return new Error(sentences.join('\n'));
  }

  [Symbol.dispose](): void {
    this.#close?.();
    this.#close = undefined;
  }

  #tell(event: AuditEvent): void {
    const watched = this.#watched.get(actorOf(event) ?? '');
    if (!watched) return;
    if (this.#file) appendFileSync(this.#file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
    for (const access of refusedAccesses(event)) {
      watched.missing.set(describeAccess(access), access);
      this.#onRefusal?.();
    }
  }
}

async function explain(operator: string, missing: readonly Access[]): Promise<string> {
  const roles = await manifestYaml(roleManifests(`${operator}-role`, minimalRights(missing)));
  return [
    `the operator ${operator} may not ${missing.map(describeAccess).join('; ')}: its generated role lacks`,
    roles.trimEnd(),
    'Declare it in the controller (reads, watches, owns, writes, or permissions), and the role has it.',
  ].join('\n');
}
