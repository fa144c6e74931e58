// An action that is made of commands: an action file with its options filled in. One process per step for a whole batch.
// When a batch is refused it is halved until the element at fault stands alone, so that the rest gets in.
import { ActionError } from '../errors.ts';
import { familyOf, type Family, type Network } from '../lib/address.ts';
import { ipv6State, type Ipv6 } from './programs/ipv6.ts';
import type { Action, Entry, Log, Millis, Refused } from '../types.ts';
import type { ActionPorts } from './load.ts';
import { commandsOf, fill, type Rendered } from './render.ts';
import { LONGEST_LIST, readListing, run, type Outcome, type Terms } from './programs/run.ts';
import { Session } from './programs/session.ts';
import { Watch } from './programs/watch.ts';
import type { ActionFile, OptionView, Verb } from './schema.ts';

/** Milliseconds that a command may take. */
const DEADLINE: Millis = 10_000;

/** A command that is told more gets a second more for each so many: a million addresses a minute. */
const CHARACTERS_PER_SECOND = 500_000;

/** How often one batch may be tried in parts. What is not sorted out by then counts as refused. */
const MOST_TRIES = 48;

/** An action file at work. One call at a time; `close` gives up a call that is still running. */
export class CommandAction implements Action {
  readonly name: string;
  readonly horizon?: Millis;
  readonly list?: () => Promise<readonly Network[]>;
  readonly listable?: number;
  readonly holds?: (networks: readonly Network[]) => Promise<boolean>;
  readonly #file: ActionFile;
  readonly #options: OptionView;
  readonly #now: () => Millis;
  readonly #log: Log;
  readonly #terms: Omit<Terms, 'signal'>;
  readonly #session: Session | undefined;
  #watch: Watch | undefined;
  readonly #ipv6: Ipv6;
  /** True when the file has commands for each family, and the kernel has no IPv6. */
  readonly #only4: boolean;
  #abort = new AbortController();
  #opened = false;

  constructor(file: ActionFile, options: OptionView, ports: ActionPorts) {
    this.name = file.name;
    this.#file = file;
    this.#options = options;
    this.#now = ports.clock;
    this.#log = ports.log;
    this.#terms = { deadline: ports.deadline ?? DEADLINE, install: file.install, ...(ports.wrap ? { wrap: ports.wrap } : {}) };
    this.#session = file.session && new Session({ ...file.session, ...(ports.wrap ? { wrap: ports.wrap } : {}) });
    this.#ipv6 = ports.ipv6 ?? ipv6State();
    this.#only4 = this.#ipv6 === 'none' && file.open.some((step) => step.family === 6);
    if (file.longest !== undefined) this.horizon = file.longest * 1000;
    if (file.list) this.list = () => this.#list();
    if (file.listable !== undefined) this.listable = file.listable;
    if (file.holds) this.holds = async (networks) => (await this.#perform('holds', foreverOf(networks))) === undefined;
  }

  watch(changed: () => void): void {
    const { watch, parts } = this.#file;
    if (!watch) return;
    const filled = (text: string): string => fill(text, this.#options, parts);
    const { wrap } = this.#terms;
    this.#watch = new Watch({ argv: watch.argv.map(filled), lines: filled(watch.lines), ...(wrap ? { wrap } : {}) }, changed);
  }

  covers(network: Network): boolean {
    return !this.#only4 || familyOf(network) === 4;
  }

  async open(): Promise<void> {
    if (this.#ipv6 !== 'on' && !this.#opened) {
      const consequence = this.#only4 ? 'only IPv4 addresses are banned' : 'bans of IPv6 addresses are set, and wait for it';
      this.#log.notice(`${this.name}: IPv6 is off in this kernel; ${consequence}`);
    }
    this.#opened = true;
    const refused = await this.#perform('open', []);
    if (refused !== undefined) throw new ActionError(refused);
  }

  async ban(entries: readonly Entry[]): Promise<readonly Refused[]> {
    if (!this.#file.compare) return this.#change('ban', entries);
    const held = new Set(await this.#list());
    return this.#change(
      'ban',
      entries.filter((entry) => !held.has(entry.network)),
    );
  }

  async unban(networks: readonly Network[]): Promise<readonly Refused[]> {
    const held = this.#file.compare ? new Set(await this.#list()) : undefined;
    const gone = held ? networks.filter((network) => held.has(network)) : networks;
    return this.#change('unban', foreverOf(gone));
  }

  async replace(entries: readonly Entry[]): Promise<readonly Refused[]> {
    const refused = await this.#replace(entries);
    this.#listen(entries.length);
    return refused;
  }

  async #replace(entries: readonly Entry[]): Promise<readonly Refused[]> {
    if (!this.#file.replace) return this.#replaceByParts(entries);
    const first = await this.#perform('replace', entries);
    if (first === undefined) return [];
    await this.open();
    if ((await this.#perform('replace', entries)) === undefined) return [];
    const refused = await this.#narrow('ban', entries, first, { left: MOST_TRIES });
    const bad = new Set(refused.map((one) => one.network));
    const again = await this.#perform(
      'replace',
      entries.filter((entry) => !bad.has(entry.network)),
    );
    if (again !== undefined) throw new ActionError(again);
    return refused;
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#session?.close();
    this.#watch?.stop();
    const refused = await this.#perform('close', []);
    if (refused !== undefined) throw new ActionError(refused);
  }

  async #replaceByParts(entries: readonly Entry[]): Promise<readonly Refused[]> {
    const wanted = new Set(entries.map((entry) => entry.network));
    const extra = (await this.#list()).filter((network) => !wanted.has(network));
    return [...(await this.unban(extra)), ...(await this.ban(entries))];
  }

  async #change(verb: 'ban' | 'unban', entries: readonly Entry[]): Promise<readonly Refused[]> {
    if (entries.length === 0) return [];
    const refused = await this.#perform(verb, entries);
    if (refused === undefined) return [];
    // Somebody may have removed what `open` made: with that in place again, a refusal is the element's own.
    await this.open();
    return this.#narrow(verb, entries, refused, { left: MOST_TRIES });
  }

  async #narrow(verb: 'ban' | 'unban', entries: readonly Entry[], because: string, tries: { left: number }): Promise<Refused[]> {
    if (entries.length === 0) return [];
    if (tries.left <= 0) return entries.map(({ network }) => ({ network, because }));
    tries.left -= 1;
    const refused = await this.#perform(verb, entries);
    if (refused === undefined) return [];
    if (entries.length === 1) return entries.map(({ network }) => ({ network, because: refused }));
    const middle = entries.length >> 1;
    const before = await this.#narrow(verb, entries.slice(0, middle), refused, tries);
    return [...before, ...(await this.#narrow(verb, entries.slice(middle), refused, tries))];
  }

  /** Runs the steps of a verb; the reason of the first that is refused, or undefined when all went well. */
  async #perform(verb: Verb, entries: readonly Entry[]): Promise<string | undefined> {
    for (const command of this.#commands(verb, entries)) {
      const { step } = command;
      const outcome = await this.#step(command);
      if (outcome === undefined) continue;
      if ('refused' in outcome) return outcome.refused;
      if (step.expect === undefined || this.#matches(step.expect, outcome.output)) continue;
      const advice = fill(step.advice ?? '', this.#options, this.#file.parts).trim();
      return `${command.argv.join(' ')}: ${advice || `the output does not match "${step.expect}"`}`;
    }
    return undefined;
  }

  async #list(): Promise<readonly Network[]> {
    const found: Network[] = [];
    const idle = new Set<Family | undefined>();
    for (const command of this.#commands('list', [])) {
      const { step } = command;
      const outcome = await this.#step(command);
      if (outcome === undefined) continue;
      if ('refused' in outcome) throw new ActionError(outcome.refused);
      // A full list behind a missing rule blocks nobody.
      if (step.expect !== undefined && !this.#matches(step.expect, outcome.output)) idle.add(step.family);
      // Not all at once: that many arguments are too many for a call.
      if (step.parse !== undefined) for (const network of readListing(outcome.output, step.parse)) found.push(network);
    }
    this.#listen(found.length);
    return idle.has(undefined) ? [] : found.filter((network) => !idle.has(familyOf(network)));
  }

  /** Programs that tell of changes may keep all elements in memory. */
  #listen(elements: number): void {
    if (elements <= (this.#file.watch?.most ?? Infinity)) this.#watch?.start();
    else this.#watch?.stop();
  }

  #commands(verb: Verb, entries: readonly Entry[]): Rendered[] {
    const commands = commandsOf(this.#file, this.#options, verb, entries, this.#now());
    return this.#only4 ? commands.filter(({ step }) => step.family !== 6) : commands;
  }

  async #step({ step, argv, stdin, again }: Rendered): Promise<Outcome | undefined> {
    const deadline = this.#terms.deadline + 1000 * Math.floor((stdin?.length ?? 0) / CHARACTERS_PER_SECOND);
    const terms = { ...this.#terms, deadline, signal: this.#abort.signal };
    if (step.unless !== undefined) {
      const probe = await run({ argv: step.unless.map((word) => fill(word, this.#options, this.#file.parts)) }, terms);
      if (!('refused' in probe)) return undefined;
    }
    const reads = step.parse !== undefined || step.expect !== undefined;
    const reading = {
      ...(step.ignore === undefined ? {} : { ignore: new RegExp(step.ignore) }),
      ...(reads ? { keep: LONGEST_LIST } : {}),
    };
    const command = { argv, ...(stdin === undefined ? {} : { stdin }) };
    const short = reads ? undefined : this.#session;
    const outcome = (await short?.run(command)) ?? (await run(command, terms, reading));
    if (!('refused' in outcome) || !again) return outcome;
    const second = { argv, stdin: again() };
    return (await short?.run(second)) ?? run(second, terms, reading);
  }

  #matches(expect: string, output: string): boolean {
    return new RegExp(fill(expect, this.#options, this.#file.parts), 'm').test(output);
  }
}

function foreverOf(networks: readonly Network[]): readonly Entry[] {
  return networks.map((network) => ({ network, until: null }));
}
