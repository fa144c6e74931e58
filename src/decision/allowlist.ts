// Who is never banned, and why. Asked by decide before anything else, and by whoever bans by hand.
import { isAbsolute, resolve } from 'node:path';
import { ConfigError } from '../errors.ts';
import { formatNetwork, hostNetwork, rangeOf, type Address, type Network } from '../lib/address.ts';
import type { Ban, Clock } from '../types.ts';
import { AllowFile } from './allowfile.ts';
import { interfaceAddresses, ownNetworks, SPECIAL_NETWORKS } from './always.ts';
import { NetworkSet, type Named, type Range } from './networks.ts';
import { parseAllowed } from './table.ts';

/** Where the allow-list gets what it reads; all of it has defaults. */
export interface AllowPorts {
  /** The machine's own addresses as text. */
  readonly addresses?: () => readonly string[];
  readonly clock?: Clock;
  /** Paths of files are relative to this folder: that of the configuration. */
  readonly folder?: string;
  /** Where an entry is written: `trapline.yaml:12:9`. */
  readonly where?: (jail: string, index: number) => string;
}

/** Why a network must not be banned by hand. `own` holds always, `allow-listed` can be overridden by the operator. */
export interface Refusal {
  readonly kind: 'own' | 'allow-listed';
  readonly because: string;
}

/** What a refresh found, as lines for the log. */
export interface Refreshed {
  readonly changed: readonly string[];
  readonly problems: readonly string[];
}

interface JailList {
  readonly inline: NetworkSet;
  readonly files: readonly AllowFile[];
}

/** `ignoreip` of every jail, and what may never be banned at all. */
export class AllowList {
  readonly #addresses: () => readonly string[];
  readonly #clock: Clock;
  readonly #files: ReadonlyMap<string, AllowFile>;
  readonly #jails: ReadonlyMap<string, JailList>;
  #own: NetworkSet;
  #ownText: string;

  private constructor(jails: ReadonlyMap<string, JailList>, files: ReadonlyMap<string, AllowFile>, ports: AllowPorts) {
    this.#addresses = ports.addresses ?? interfaceAddresses;
    this.#clock = ports.clock ?? Date.now;
    this.#jails = jails;
    this.#files = files;
    const own = ownNetworks(this.#addresses());
    this.#own = new NetworkSet(own);
    this.#ownText = textOf(own);
  }

  /**
   * Reads `ignoreip` of each jail: addresses, networks, and files (an entry that begins with `/`, `./` or `../`) in pf's table format.
   * Throws ConfigError for the first entry or line that is neither.
   */
  static load(
    jails: readonly { readonly name: string; readonly ignoreip: readonly string[] }[],
    ports: AllowPorts = {},
  ): AllowList {
    const files = new Map<string, AllowFile>();
    const listOf = (jail: string, entries: readonly string[]): JailList => {
      const inline: Named[] = [];
      const used = new Set<AllowFile>();
      for (const [index, entry] of entries.entries()) {
        const where = ports.where?.(jail, index) ?? `jails.${jail}.ignoreip.${index}`;
        if (!isPath(entry)) inline.push({ network: parseAllowed(entry, where), where: 'ignoreip' });
        else used.add(loadOnce(files, resolve(ports.folder ?? '.', entry), where));
      }
      return { inline: new NetworkSet(inline), files: [...used] };
    };
    return new AllowList(new Map(jails.map(({ name, ignoreip }) => [name, listOf(name, ignoreip)])), files, ports);
  }

  /** Why this address must not be banned by this jail; undefined: it may be. */
  spares(address: Address, jail: string): string | undefined {
    return this.touches(hostNetwork(address), jail);
  }

  /** Which address or network that must not be banned by this jail shares an address with `network`; undefined: none. */
  touches(network: Network, jail: string): string | undefined {
    const range = rangeOf(network);
    return this.#never(range) ?? this.#listed(range, jail);
  }

  /** Why a ban by hand of this network is refused; every jail's list counts. Undefined: it may be banned. */
  refusal(network: Network): Refusal | undefined {
    const range = rangeOf(network);
    const own = this.#never(range);
    if (own !== undefined) return { kind: 'own', because: own };
    const listed = this.#listed(range, undefined);
    return listed === undefined ? undefined : { kind: 'allow-listed', because: listed };
  }

  /**
   * Of these bans, the ones that cover an address which is allowed now, each with the reason. Bans by hand that were forced against
   * the list stay, unless the address is the machine's own.
   */
  lifted(bans: readonly Ban[]): readonly { readonly ban: Ban; readonly because: string }[] {
    return bans.flatMap((ban) => {
      const range = rangeOf(ban.network);
      const jail = this.#jails.has(ban.jail) ? ban.jail : undefined;
      const because = this.#never(range) ?? (ban.forced ? undefined : this.#listed(range, jail));
      return because === undefined ? [] : [{ ban, because }];
    });
  }

  /**
   * Looks at the files and at the machine's addresses again: call it every few seconds, it is cheap. Never throws; what cannot be
   * read stays as it was and is told once. After a change, `lifted` names the bans that have to go.
   */
  refresh(): Refreshed {
    const now = this.#clock();
    const looked = [...this.#files.values()].map((file) => file.refresh(now));
    looked.push(this.#refreshOwn());
    return {
      changed: looked.flatMap(({ changed }) => changed ?? []),
      problems: looked.flatMap(({ problem }) => problem ?? []),
    };
  }

  #refreshOwn(): { changed?: string; problem?: string } {
    try {
      const own = ownNetworks(this.#addresses());
      const text = textOf(own);
      if (text === this.#ownText) return {};
      this.#own = new NetworkSet(own);
      this.#ownText = text;
      return { changed: `the machine's own addresses are now: ${text || 'none'}` };
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown;
      if (this.#ownText === thrown.message) return {};
      this.#ownText = thrown.message;
      return { problem: thrown.message };
    }
  }

  #never(range: Range): string | undefined {
    const found = SPECIAL_NETWORKS.touching(range) ?? this.#own.touching(range);
    return found && say(found);
  }

  /** In the list of this jail; undefined: of any. */
  #listed(range: Range, jail: string | undefined): string | undefined {
    if (jail !== undefined) return listedIn(this.#jails.get(jail), range);
    for (const list of this.#jails.values()) {
      const found = listedIn(list, range);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function listedIn(list: JailList | undefined, range: Range): string | undefined {
  const inline = list?.inline.touching(range);
  if (inline) return say(inline);
  for (const { networks } of list?.files ?? []) {
    const found = networks.touching(range);
    if (found) return say(found);
  }
  return undefined;
}

function isPath(entry: string): boolean {
  return isAbsolute(entry) || /^\.{1,2}\//.test(entry);
}

function loadOnce(files: Map<string, AllowFile>, path: string, where: string): AllowFile {
  const known = files.get(path);
  if (known) return known;
  try {
    const file = AllowFile.load(path);
    files.set(path, file);
    return file;
  } catch (thrown) {
    // A fault inside the file names its own line; a file that cannot be read at all is a fault of the entry.
    if (!(thrown instanceof ConfigError) || !thrown.message.startsWith(`${path}: `)) throw thrown;
    throw new ConfigError(`${where}: ${thrown.message}`, { cause: thrown });
  }
}

function say({ network, where }: Named): string {
  return `${formatNetwork(network)} (${where})`;
}

function textOf(networks: readonly Named[]): string {
  return networks
    .map(({ network }) => formatNetwork(network))
    .toSorted()
    .join(' ');
}
