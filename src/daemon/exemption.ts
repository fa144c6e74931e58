// Lifts bans of allow-listed addresses: at the start, at a reload, when a file of the list or an own address of the machine changes, and when
// another program has written rows to the ledger.
import { setImmediate as breathe } from 'node:timers/promises';
import type { AllowList } from '../decision/decide.ts';
import { ExpectedError, messageOf } from '../errors.ts';
import type { Ledger } from '../ledger/record.ts';
import type { Court } from '../walk/court.ts';
import type { Log } from '../words/ports.ts';

/** The objects and ports that an exemption uses. */
interface ExemptionPorts {
  readonly allow: () => AllowList;
  readonly ledger: Ledger;
  readonly court: Pick<Court, 'lift'>;
  readonly log: Log;
}

/** Lifts bans that the allow-list does not permit. When the ledger cannot be written, the next `look` tries again. */
export class Exemption {
  readonly #ports: ExemptionPorts;
  #owed = false;
  #lifting: Promise<void> = Promise.resolve();
  /** The lifting that begins after the present one. */
  #next: Promise<void> | undefined;
  /** The version of the ledger at the last lifting. */
  #version: number | undefined;

  constructor(ports: ExemptionPorts) {
    this.#ports = ports;
  }

  /** Refreshes the allow-list; when it or the ledger has changed, lifts the bans that it does not permit. */
  look(): void {
    const { allow, log } = this.#ports;
    const { changed, problems } = allow().refresh();
    for (const text of problems) log.warn(text);
    for (const text of changed) log.notice(text);
    if (changed.length > 0 || this.#owed || this.#hasForeignRows()) void this.lift();
  }

  /** Lifts all bans of allow-listed addresses. Resolves even when the ledger fails; rejects only for a bug. */
  lift(): Promise<void> {
    if (this.#next) return this.#next;
    this.#next = this.#lifting.then(() => {
      this.#next = undefined;
      return this.#lift();
    });
    this.#lifting = this.#next;
    return this.#next;
  }

  #hasForeignRows(): boolean {
    try {
      return this.#ports.ledger.foreignVersion() !== this.#version;
    } catch (thrown) {
      if (!(thrown instanceof ExpectedError)) throw thrown;
      return false;
    }
  }

  async #lift(): Promise<void> {
    const { allow, ledger, court, log } = this.#ports;
    try {
      this.#version = ledger.foreignVersion();
      for (const bans of ledger.standing.pages()) {
        const lifted = allow()
          .lifted(bans)
          .map(({ ban }) => ban);
        if (lifted.length > 0) await court.lift(ledger.end(lifted), 'on the allow-list now');
        await breathe();
      }
      this.#owed = false;
    } catch (thrown) {
      if (!(thrown instanceof ExpectedError)) throw thrown;
      if (!this.#owed) log.error(`${messageOf(thrown)}; bans of allowed addresses stay until the ledger can be written`);
      this.#owed = true;
    }
  }
}
