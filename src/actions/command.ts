// Bans networks with the commands of an action file.
// A refused batch is halved until the bad element is alone in its part, so that the rest of the batch gets into the firewall.
import { ActionError } from '../errors.ts';
import { familyOf, type Network } from '../lib/address.ts';
import type { Action, Drift, Entry, Refused, Wanted } from '../words/firewall.ts';
import type { Log, Millis } from '../words/ports.ts';
import { driftBetween } from './drift.ts';
import type { Recipe } from './file/recipe.ts';
import { ipv6State, type Ipv6 } from './ipv6.ts';
import type { ActionPorts } from './ports.ts';
import { Programs } from './programs/programs.ts';
import { Steps, type Refusal } from './steps.ts';

/** Milliseconds that a command may take. */
const DEADLINE: Millis = 10_000;

/** The maximum number of commands that search for the bad elements of one batch. Elements that these commands did not try count as refused. */
const MOST_TRIES = 48;

/** The number of bans that are looked up when the firewall cannot list its networks. */
const LOOKED_UP = 2000;

/** An action that runs the commands of its file. Callers make one call at a time; `close` aborts a call that is still running. */
export class CommandAction implements Action {
  readonly name: string;
  readonly horizon: Millis | undefined;
  readonly #recipe: Recipe;
  readonly #programs: Programs;
  readonly #steps: Steps;
  readonly #log: Log;
  readonly #ipv6: Ipv6;
  /** True when the file has commands for each address family, and the kernel has no IPv6. */
  readonly #only4: boolean;
  #opened = false;

  constructor(recipe: Recipe, ports: ActionPorts) {
    const { deadline = DEADLINE, patience, wrap, ipv6 = ipv6State(), log, clock } = ports;
    this.name = recipe.name;
    this.horizon = recipe.longest;
    this.#recipe = recipe;
    this.#programs = new Programs({
      deadline,
      install: recipe.install,
      session: recipe.session,
      watch: recipe.watch,
      warnings: recipe.warnings,
      ...(wrap ? { wrap } : {}),
      ...(patience === undefined ? {} : { patience }),
    });
    this.#log = log;
    this.#ipv6 = ipv6;
    this.#only4 = ipv6 === 'none' && recipe.splitsFamilies;
    this.#steps = new Steps({ recipe, programs: this.#programs, clock, log, only4: this.#only4 });
  }

  watch(changed: () => void): void {
    this.#programs.hear(changed);
  }

  covers(network: Network): boolean {
    return !this.#only4 || familyOf(network) === 4;
  }

  async open(): Promise<void> {
    if (this.#ipv6 !== 'on' && !this.#opened) {
      const consequence = this.#only4 ? 'only IPv4 addresses are banned' : 'bans of IPv6 addresses are set, but have no effect';
      this.#log.notice(`${this.name}: IPv6 is off in this kernel; ${consequence}`);
    }
    this.#opened = true;
    await this.#steps.open();
  }

  async ban(entries: readonly Entry[]): Promise<readonly Refused[]> {
    return this.#change('ban', entries);
  }

  async unban(networks: readonly Network[]): Promise<readonly Refused[]> {
    return this.#change(
      'unban',
      networks.map((network) => ({ network, until: null })),
    );
  }

  async replace(entries: readonly Entry[]): Promise<readonly Refused[]> {
    await this.#mend(entries);
    const { sound, refused } = this.#withoutBroken(entries);
    const more = await (this.#recipe.has('replace') ? this.#replaceAtOnce(sound) : this.#replaceByParts(sound));
    this.#programs.listen(entries.length);
    return [...refused, ...more];
  }

  async check(wanted: Wanted): Promise<Drift> {
    const found = wanted(this.#recipe.listable);
    if ('sample' in found) return this.#lookUp(found.sample);
    if (!this.#recipe.has('list')) return { kind: 'unknown' };
    const held = await this.#steps.list();
    if (!('refused' in held)) return driftBetween(this.#withoutBroken(found).sound, held);
    // The firewall may hold more networks than it can list, although fewer are wanted.
    if (this.#recipe.has('holds')) return this.#lookUp(found.slice(0, LOOKED_UP));
    throw new ActionError(held.refused);
  }

  async probe(): Promise<readonly string[]> {
    return this.#steps.probe();
  }

  async close(): Promise<void> {
    this.#programs.close();
    const refusal = await this.#steps.perform('close', []);
    if (refusal !== undefined) throw new ActionError(refusal.because);
  }

  async #lookUp(sample: readonly Entry[]): Promise<Drift> {
    const { sound } = this.#withoutBroken(sample);
    const complete = sound.length === 0 || (await this.#steps.perform('holds', sound)) === undefined;
    return { kind: 'sampled', looked: sample.length, complete };
  }

  async #replaceAtOnce(entries: readonly Entry[]): Promise<readonly Refused[]> {
    const first = await this.#steps.perform('replace', entries);
    if (first === undefined) return [];
    if (!first.byElement) throw new ActionError(first.because);
    await this.open();
    const { sound, refused } = this.#withoutBroken(entries);
    if (sound.length <= this.#recipe.batch) {
      if ((await this.#steps.perform('replace', sound)) === undefined) return refused;
      const bad = await this.#narrow('ban', sound, first.because, { left: MOST_TRIES });
      const names = new Set(bad.map((one) => one.network));
      const again = await this.#steps.perform(
        'replace',
        sound.filter((entry) => !names.has(entry.network)),
      );
      if (again !== undefined) throw new ActionError(again.because);
      return [...refused, ...bad];
    }
    return [...refused, ...(await this.#replaceByParts(sound))];
  }

  /** Unbans the networks that are not wanted, then bans all wanted networks. */
  async #replaceByParts(entries: readonly Entry[]): Promise<readonly Refused[]> {
    const replaces = this.#recipe.has('replace');
    const held = replaces && entries.length > this.#recipe.listable ? undefined : await this.#steps.list();
    if (held !== undefined && !('refused' in held)) {
      const wanted = new Set(entries.map((entry) => entry.network));
      const extra = held.filter((network) => !wanted.has(network));
      return [...(await this.unban(extra)), ...(await this.ban(entries))];
    }
    if (held && !replaces) throw new ActionError(held.refused);
    // The firewall cannot list its networks, usually because there are too many. So the first piece replaces all of them, and the bans of the
    // other pieces are missing until these pieces are added.
    const [first = [], ...rest] = this.#pieces(entries);
    const refusal = await this.#steps.perform('replace', first);
    if (refusal !== undefined) throw new ActionError(refusal.because);
    const refused: Refused[] = [];
    for (const piece of rest) refused.push(...(await this.ban(piece)));
    return refused;
  }

  async #change(verb: 'ban' | 'unban', entries: readonly Entry[]): Promise<readonly Refused[]> {
    await this.#mend(entries);
    const { sound, refused } = this.#withoutBroken(entries);
    const refusal = await this.#attempt(verb, sound);
    if (refusal === undefined) return refused;
    if (!refusal.byElement) return [...refused, ...allRefused(sound, refusal.because)];
    // Somebody may have removed the table or chain that `open` makes. As soon as it exists again, only a bad element can cause a refusal.
    await this.open();
    const still = this.#withoutBroken(sound);
    const bad = await this.#narrow(verb, still.sound, refusal.because, { left: MOST_TRIES });
    return [...refused, ...still.refused, ...bad];
  }

  /** Halves a refused batch until each bad element is alone in its part. `because`: the reason for elements that no command tried. */
  async #narrow(verb: 'ban' | 'unban', entries: readonly Entry[], because: string, tries: { left: number }): Promise<Refused[]> {
    if (entries.length === 0) return [];
    const pieces = this.#pieces(entries);
    if (pieces.length > 1) {
      const refused: Refused[] = [];
      for (const piece of pieces) refused.push(...(await this.#narrow(verb, piece, because, tries)));
      return refused;
    }
    if (tries.left <= 0) return allRefused(entries, because);
    tries.left -= 1;
    const refusal = await this.#attempt(verb, entries);
    if (refusal === undefined) return [];
    if (entries.length === 1 || !refusal.byElement) return allRefused(entries, refusal.because);
    const middle = entries.length >> 1;
    const before = await this.#narrow(verb, entries.slice(0, middle), refusal.because, tries);
    return [...before, ...(await this.#narrow(verb, entries.slice(middle), refusal.because, tries))];
  }

  /** Runs `ban` or `unban` once. With `compare` the command gets only networks that it changes, so that the firewall holds no network twice. */
  async #attempt(verb: 'ban' | 'unban', entries: readonly Entry[]): Promise<Refusal | undefined> {
    if (entries.length === 0) return undefined;
    if (!this.#recipe.compare) return this.#steps.perform(verb, entries);
    const held = new Set(await this.#list());
    const changing = entries.filter(({ network }) => held.has(network) === (verb === 'unban'));
    return changing.length === 0 ? undefined : this.#steps.perform(verb, changing);
  }

  /** The networks that the firewall holds and blocks. Rejects with ActionError when the firewall does not answer. */
  async #list(): Promise<readonly Network[]> {
    const held = await this.#steps.list();
    if ('refused' in held) throw new ActionError(held.refused);
    return held;
  }

  /** Opens the action again when entries belong to the broken address family (`Steps.broken`), because that family may work by now. */
  async #mend(entries: readonly Entry[]): Promise<void> {
    if (this.#withoutBroken(entries).refused.length > 0) await this.open();
  }

  /** Splits entries: `sound` has the entries of working families, `refused` the entries of the broken family. */
  #withoutBroken(entries: readonly Entry[]): { sound: readonly Entry[]; refused: Refused[] } {
    const { broken } = this.#steps;
    if (broken === undefined) return { sound: entries, refused: [] };
    const isBroken = ({ network }: Entry): boolean => familyOf(network) === broken.family;
    return {
      sound: entries.filter((entry) => !isBroken(entry)),
      refused: allRefused(entries.filter(isBroken), broken.because),
    };
  }

  /** Splits entries into pieces of at most `batch` entries, because the firewall may refuse a command with more entries. */
  #pieces(entries: readonly Entry[]): (readonly Entry[])[] {
    const { batch } = this.#recipe;
    if (entries.length <= batch) return [entries];
    return Array.from({ length: Math.ceil(entries.length / batch) }, (_, index) =>
      entries.slice(index * batch, (index + 1) * batch),
    );
  }
}

function allRefused(entries: readonly Entry[], because: string): Refused[] {
  return entries.map(({ network }) => ({ network, because }));
}
