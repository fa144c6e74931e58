// Runs the steps of an action file for one verb, such as `open` or `ban`. A step becomes one or more commands.
import { ActionError } from '../errors.ts';
import { familyOf, type Family, type Network } from '../lib/address.ts';
import type { Entry } from '../words/firewall.ts';
import type { Log, Millis } from '../words/ports.ts';
import type { Filled, Recipe } from './file/recipe.ts';
import { UnusableProgram, type Outcome, type Programs } from './programs/programs.ts';

/** Why the firewall refused a verb. `byElement`: one network of the batch may be the cause, so the rest of the batch may succeed. */
export interface Refusal {
  readonly because: string;
  readonly byElement: boolean;
}

/** An address family whose steps of `open` failed, and the reason. */
interface Broken {
  readonly family: Family;
  readonly because: string;
}

/** The action file, the programs and the ports that the steps use. */
interface StepPorts {
  readonly recipe: Recipe;
  readonly programs: Programs;
  readonly clock: () => Millis;
  readonly log: Log;
  /** True when the steps of family 6 have to be left out. */
  readonly only4: boolean;
}

/** The steps of one action file. Callers make one call at a time. */
export class Steps {
  readonly #ports: StepPorts;
  /** The reason in the last logged message about a broken family. This reason is not logged again. */
  #noted: string | undefined;
  /** True when the last optional step failed. The failures that follow are not logged until an optional step succeeds. */
  #limps = false;
  #broken: Broken | undefined;

  constructor(ports: StepPorts) {
    this.#ports = ports;
  }

  /** The family that the last `open` found broken. Its steps do not run, so callers must pass no network of this family. */
  get broken(): Broken | undefined {
    return this.#broken;
  }

  /**
   * Runs the steps of `open`. If only steps of one family fail and the file has steps for the other family, that one family becomes `broken`
   * and the action counts as open. Any other failure rejects with ActionError.
   */
  async open(): Promise<void> {
    this.#broken = undefined;
    const faults = new Map<Family | undefined, string>();
    const commands = this.#commands('open', []);
    for (const command of commands) {
      if (command.family !== undefined && faults.has(command.family)) continue;
      const fault = await this.#faultOf(command).catch(unusable);
      if (fault !== undefined) faults.set(command.family, fault);
      if (fault !== undefined && command.family === undefined) break;
    }
    const [fault] = faults;
    if (fault === undefined) return;
    const [family, because] = fault;
    const other = commands.some((command) => command.family !== undefined && command.family !== family);
    if (family === undefined || faults.size > 1 || !other) throw new ActionError(faults.get(undefined) ?? because);
    this.#broken = { family, because };
    if (because !== this.#noted)
      this.#ports.log.notice(`${this.#ports.recipe.name}: ${because}; only IPv${family === 6 ? 4 : 6} addresses are banned`);
    this.#noted = because;
  }

  /** Runs the steps of `probe`, which change nothing. Resolves to the reasons why the firewall would refuse bans, each once. */
  async probe(): Promise<readonly string[]> {
    const faults = new Set<string>();
    for (const command of this.#commands('probe', [])) {
      const fault = await this.#faultOf(command).catch(unusable);
      if (fault !== undefined) faults.add(fault);
    }
    return [...faults];
  }

  /**
   * Runs the steps of a verb. After a step that fails, the next steps still run; only `holds` ends at its first refusal. Resolves to a
   * refusal, or to undefined when no step failed except optional steps. Rejects with ActionError when a program was killed, and when every
   * program of the verb is missing or hangs.
   */
  async perform(verb: 'ban' | 'unban' | 'replace' | 'holds' | 'close', entries: readonly Entry[]): Promise<Refusal | undefined> {
    let first: Refusal | undefined;
    let lost: UnusableProgram | undefined;
    let isLost = true;
    for (const command of this.#commands(verb, entries)) {
      try {
        const fault = await this.#faultOf(command, verb === 'replace');
        isLost = false;
        if (command.optional) this.#limp(fault);
        else if (fault !== undefined) first ??= { because: fault, byElement: true };
      } catch (thrown) {
        if (!(thrown instanceof UnusableProgram)) throw thrown;
        if (command.optional) this.#limp(thrown.message);
        else lost ??= thrown;
      }
      if (first && verb === 'holds') return first;
    }
    if (lost && isLost) throw lost;
    return lost ? { because: lost.message, byElement: false } : first;
  }

  /** The networks that the firewall holds and blocks, or the reason why the firewall cannot list them. */
  async list(): Promise<readonly Network[] | { readonly refused: string }> {
    const found: Network[] = [];
    const idle = new Set<Family | undefined>();
    for (const command of this.#commands('list', [])) {
      const outcome = await this.#step(command);
      if (outcome === undefined) continue;
      if ('refused' in outcome) return outcome;
      // The output lacks the rule that blocks the listed networks, so this list blocks nobody.
      if (command.expect !== undefined && !command.expect.test(outcome.output)) idle.add(command.family);
      // Spreading a million arguments into one call would overflow the stack.
      for (const network of this.#ports.recipe.networksIn(command, outcome.output)) found.push(network);
    }
    this.#ports.programs.listen(found.length);
    return idle.has(undefined) ? [] : found.filter((network) => !idle.has(familyOf(network)));
  }

  #commands(verb: Parameters<Recipe['commands']>[0], entries: readonly Entry[]): readonly Filled[] {
    const { recipe, clock, only4 } = this.#ports;
    const without = only4 ? 6 : this.#broken?.family;
    const commands = recipe.commands(verb, entries, clock());
    return without === undefined ? commands : commands.filter(({ family }) => family !== without);
  }

  /** Runs one command. Resolves to undefined after a success. Otherwise resolves to the reason: a refusal, or output that is not as expected. */
  async #faultOf(command: Filled, corrects = false): Promise<string | undefined> {
    const outcome = await this.#step(command, corrects);
    if (outcome === undefined) return undefined;
    if ('refused' in outcome) return outcome.refused;
    if (command.expect === undefined || command.expect.test(outcome.output)) return undefined;
    return `${command.argv.join(' ')}: ${command.advice || `the output does not match "${command.expect.source}"`}`;
  }

  /** Runs the command `unless`, if there is one. If it succeeds, `argv` need not run, and the result is undefined. Otherwise runs `argv`. */
  async #step({ argv, stdin, again, ignore, unless, expect, parse }: Filled, corrects = false): Promise<Outcome | undefined> {
    const { programs } = this.#ports;
    if (unless !== undefined && (await programs.succeeds(unless))) return undefined;
    return programs.run({
      argv,
      ...(stdin === undefined ? {} : { stdin }),
      ...(again === undefined ? {} : { again }),
      ...(ignore === undefined ? {} : { ignore }),
      reads: parse !== undefined || expect !== undefined,
      corrects,
    });
  }

  #limp(fault: string | undefined): void {
    if (fault !== undefined && !this.#limps)
      this.#ports.log.notice(`${this.#ports.recipe.name}: ${fault}; the bans are in force nevertheless`);
    this.#limps = fault !== undefined;
  }
}

/** The message of an error about a missing or hanging program. Throws every other error again. */
function unusable(thrown: unknown): string {
  if (thrown instanceof UnusableProgram) return thrown.message;
  throw thrown;
}
