// The state of one action: failed calls in a row, refused elements, the last error. Logs a line when the state changes.
import { ActionError, messageOf } from '../../errors.ts';
import { formatNetwork } from '../../lib/address.ts';
import { formatDuration } from '../../lib/text/duration.ts';
import type { Refused } from '../../words/firewall.ts';
import type { Clock, Log, Millis } from '../../words/ports.ts';

/** The ports of a Health. */
interface HealthPorts {
  /** The name of the action, for messages. */
  readonly name: string;
  readonly log: Log;
  readonly clock: Clock;
  /** Milliseconds to wait after a number of failures in a row. */
  readonly backoff: (failures: number) => Millis;
}

/** The health of one action. */
export class Health {
  readonly #ports: HealthPorts;
  #failures = 0;
  /** The number of calls that refused elements, since the last time when no element was refused. */
  #refusals = 0;
  #lastError: string | null = null;
  #since: Millis | null = null;

  constructor(ports: HealthPorts) {
    this.#ports = ports;
  }

  /** True after a call that failed, until a call succeeds. */
  get failing(): boolean {
    return this.#failures > 0;
  }

  /** The reason why work is pending, as `trapline status` shows it. Null: no call has failed, and no element is refused. */
  get lastError(): string | null {
    return this.#lastError;
  }

  /** When the present fault began: the first failed call, or the first refusal, since all changes were carried out. Null: there is no fault. */
  get since(): Millis | null {
    return this.#since;
  }

  /** Milliseconds to wait until the next try, after a failed call or a refusal. */
  get pause(): Millis {
    return this.#ports.backoff(this.#failures > 0 ? this.#failures : this.#refusals);
  }

  /** Notes that a call failed as a whole. */
  failed(thrown: unknown): void {
    const { name, log } = this.#ports;
    const text = messageOf(thrown);
    this.#failures += 1;
    this.#since ??= this.#ports.clock();
    if (text !== this.#lastError) {
      const kind = thrown instanceof ActionError ? '' : ' (unexpected)';
      log.error(`${name}: ${text}${kind}; changes are pending, next try in ${formatDuration(this.pause)}`);
    }
    this.#lastError = text;
  }

  /** Notes that a call succeeded except for these elements. */
  refused(refused: readonly Refused[]): void {
    const { name, log } = this.#ports;
    const [first] = refused;
    if (!first) return;
    this.#refusals += 1;
    this.#since ??= this.#ports.clock();
    const more = refused.length > 1 ? ` and ${refused.length - 1} more` : '';
    const text = `${first.because} (${formatNetwork(first.network)}${more})`;
    if (text !== this.#lastError) log.warn(`${name}: ${text}; not in force, will be tried again`);
    this.#lastError = text;
  }

  /** Notes that a call succeeded. `owes`: true when refused elements still wait, from this call or an earlier call. */
  worked(owes: boolean): void {
    if (this.#failures > 0) this.#ports.log.notice(`${this.#ports.name}: works again`);
    this.#failures = 0;
    if (owes) return;
    this.#refusals = 0;
    this.#lastError = null;
    this.#since = null;
  }
}
