// After the ledger was damaged, some bans may exist only in a firewall. This file makes them bans by hand, because the next sync would
// remove them from the firewall.
import { ExpectedError, messageOf } from '../../errors.ts';
import { formatNetwork, type Network } from '../../lib/address.ts';
import type { Entry } from '../../words/firewall.ts';
import type { Log, Millis } from '../../words/ports.ts';
import { HAND_JAIL, type Ban } from '../../words/walk.ts';
import type { Desk } from '../desk.ts';

/** The reason that is recorded with these bans. */
const REASON = 'found in the firewall after the ledger was damaged';

/** The log line names at most this number of networks. For more networks, it gives only their number. */
const MOST_NAMED = 10;

/** While these bans cannot be recorded, for example because the disk is full, the firewalls are compared again after this time. */
const RETRY: Millis = 5_000;

/** The ports of an Adoption. */
interface AdoptionPorts {
  readonly log: Log;
  /** Starts to compare all firewalls with the ledger. */
  readonly sync: () => void;
}

/** Bans the networks that only a firewall holds: after each damage of the ledger, once for each action. */
export class Adoption {
  readonly #desk: Pick<Desk, 'court' | 'clock' | 'allow' | 'bantime'>;
  readonly #ports: AdoptionPorts;
  /** Actions whose firewall has not been compared since the damage. */
  #waiting: ReadonlySet<string> = new Set();
  /** The next comparison, while bans cannot be recorded. */
  #retry: NodeJS.Timeout | undefined;

  constructor(desk: Pick<Desk, 'court' | 'clock' | 'allow' | 'bantime'>, ports: AdoptionPorts) {
    this.#desk = desk;
    this.#ports = ports;
  }

  /** Must be called when the ledger was damaged. Compares the firewalls of these actions with the ledger. */
  begin(actions: readonly string[]): void {
    this.#waiting = new Set(actions);
    this.#retry = undefined;
    // The ledger calls this method just before a write. The comparison starts after that write.
    setImmediate(this.#ports.sync);
  }

  /**
   * Must be called with the networks that a firewall holds without a ban. At the first call for an action after a damage, bans each network
   * by hand. The ban lasts as long as any new ban by hand, because a firewall does not list when its entries end. Networks that must not be
   * banned are left out. While the bans cannot be recorded, returns them: they have to stay in the firewall until a later call.
   */
  found(action: string, networks: readonly Network[]): readonly Entry[] {
    if (!this.#waiting.has(action)) return [];
    const { clock, bantime, allow, court } = this.#desk;
    const since = clock();
    const duration = bantime();
    const until = duration === null ? null : since + duration;
    const bans = networks
      .filter((network) => allow().refusal(network) === undefined)
      .map((network): Ban => ({ network, jail: HAND_JAIL, since, until, offence: 1, origin: 'hand', reason: REASON }));
    const { log } = this.#ports;
    try {
      void court.ban(bans).enforced;
      this.#waiting = new Set([...this.#waiting].filter((each) => each !== action));
      const names = bans.length > MOST_NAMED ? `${bans.length} networks` : bans.map((ban) => formatNetwork(ban.network)).join(', ');
      if (bans.length > 0) log.warn(`${action}: holds bans that the ledger lost, now bans by hand: ${names}`);
      return [];
    } catch (thrown) {
      if (!(thrown instanceof ExpectedError)) throw thrown;
      if (!this.#retry)
        log.error(`${action}: ${messageOf(thrown)}; bans that only this firewall holds stay in it until they can be recorded`);
      clearTimeout(this.#retry);
      this.#retry = setTimeout(this.#ports.sync, RETRY).unref();
      return bans;
    }
  }
}
