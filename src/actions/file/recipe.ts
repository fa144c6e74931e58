// The entry point of this folder: an action file with its options filled in. It makes the commands for each verb of an action.
import type { Network } from '../../lib/address.ts';
import type { Entry } from '../../words/firewall.ts';
import type { Millis } from '../../words/ports.ts';
import { commandsOf, type Filled } from './commands.ts';
import { readListing } from './listing.ts';
import { optionValues, type OptionValues } from './optionvalues.ts';
import type { Where } from '../../lib/yaml/yaml.ts';
import { readActionFile } from './read.ts';
import type { ActionFile, Verb } from './schema.ts';
import { fill, fillPattern } from './template.ts';

export type { Filled } from './commands.ts';
export { checkActionFile } from './examples.ts';
export { optionValues } from './optionvalues.ts';

/** The options that the configuration sets for one action. */
export interface Given {
  readonly options: Readonly<Record<string, unknown>>;
  /** Places of the options in the configuration, for messages. */
  readonly where?: Where | undefined;
}

/** An action file with its options filled in. */
export class Recipe {
  readonly #file: ActionFile;
  readonly #options: OptionValues;

  /** Reads the file and fills in its options. Throws ConfigError, with the place in the file or in the configuration. */
  constructor(path: string, { options, where }: Given) {
    this.#file = readActionFile(path).file;
    this.#options = optionValues(this.#file, options, where);
  }

  get name(): string {
    return this.#file.name;
  }

  /** Names of packages to install when a program is missing, by the name of the program. */
  get install(): ActionFile['install'] {
    return this.#file.install;
  }

  /** The longest time until the end of a ban; undefined: no limit. */
  get longest(): Millis | undefined {
    return this.#file.longest === undefined ? undefined : this.#file.longest * 1000;
  }

  /**
   * True when `ban` may get only networks that the firewall lacks, and `unban` only networks that it holds. A firewall of this kind would hold
   * a network twice after a second `ban`, and its `unban` fails for a network that it lacks.
   */
  get compare(): boolean {
    return this.#file.compare;
  }

  /** A firewall with more networks than this number is not listed: a sample is looked up instead. */
  get listable(): number {
    return this.#file.listable ?? Infinity;
  }

  /** The number of networks that every command accepts. A larger batch that the firewall refuses is split into pieces of this size. */
  get batch(): number {
    return this.#file.batch ?? Infinity;
  }

  /** The pattern of warnings on standard error. A warning is not taken for the reason of a failure. */
  get warnings(): RegExp | undefined {
    return this.#file.warnings === undefined ? undefined : new RegExp(this.#file.warnings);
  }

  get session(): ActionFile['session'] {
    return this.#file.session;
  }

  /** The program that reports changes of the firewall, with the options filled in. */
  get watch(): ActionFile['watch'] {
    const { watch, parts } = this.#file;
    if (!watch) return undefined;
    const lines = fillPattern(watch.lines, this.#options, parts);
    return { ...watch, argv: watch.argv.map((word) => fill(word, this.#options, parts)), lines };
  }

  /** True when the file has commands for this verb. */
  has(verb: Verb): boolean {
    return this.#file[verb] !== undefined;
  }

  /** True when the file has separate commands for IPv6. */
  get splitsFamilies(): boolean {
    return this.#file.open.some((step) => step.family === 6);
  }

  /** The commands of a verb for these entries, in order. */
  commands(verb: Verb, entries: readonly Entry[], now: Millis): readonly Filled[] {
    return commandsOf(this.#file, verb, { options: this.#options, entries, now });
  }

  /** The networks that a command of `list` printed. Throws ActionError when its output cannot be read. */
  networksIn({ parse }: Filled, output: string): readonly Network[] {
    return parse === undefined ? [] : readListing(output, parse);
  }
}
