// The clients that are never banned, each with the reason. `decide` and a ban by hand check this list first.
import { isAbsolute, resolve } from 'node:path';
import { ConfigError } from '../errors.ts';
import { firstAddress, formatNetwork, hostNetwork, prefixOf, type Address, type Network } from '../lib/address.ts';
import { spanOf, type Span } from '../lib/networks/span.ts';
import { leastPrefix, Translators } from '../lib/networks/translators.ts';
import type { Clock } from '../words/ports.ts';
import type { Ban } from '../words/walk.ts';
import { AllowFile, type Look } from './allowfile.ts';
import { SPECIAL_NETWORKS } from './always.ts';
import { ownNetworks, readMachine, type Machine } from './machine.ts';
import { NamedNetworks, type Named } from './networks.ts';
import { OwnNetworks } from './own.ts';
import { parseAllowed } from './allowtable.ts';

/** The inputs of the allow-list. Each input has a default. */
export interface AllowPorts {
  /** The machine's own addresses as text. They replace all networks that `machine` reads. */
  readonly addresses?: () => readonly string[];
  /** Reads the networks that the machine needs. */
  readonly machine?: () => Machine;
  readonly clock?: Clock;
  /** Prefixes of translators besides the well-known prefixes (RFC 6052). */
  readonly nat64?: readonly Network[];
  /** Paths in `ignoreip` are relative to this folder, which is the folder of the configuration file. */
  readonly folder?: string;
  /** Returns the place of an entry in the configuration, such as `trapline.yaml:12:9`. */
  readonly where?: (jail: string, index: number) => string;
}

/** The reason why a network must not be banned by hand. The operator can override `allow-listed`, but not `own`. */
export interface Refusal {
  readonly kind: 'own' | 'allow-listed';
  readonly because: string;
}

/** The results of a refresh, as lines for the log. */
export interface Refreshed {
  readonly changed: readonly string[];
  readonly problems: readonly string[];
}

interface JailList {
  readonly inline: NamedNetworks;
  readonly files: readonly AllowFile[];
}

/** The addresses that a ban would cover: networks, and the translator if the ban would cover all clients of a translator. */
interface Covered {
  readonly spans: readonly Span[];
  readonly translator: Network | undefined;
}

/** `ignoreip` of every jail, and the networks that may never be banned at all. */
export class AllowList {
  readonly #clock: Clock;
  readonly #files: ReadonlyMap<string, AllowFile>;
  readonly #jails: ReadonlyMap<string, JailList>;
  readonly #own: OwnNetworks;
  /** The translators. An allowed IPv4 address is also allowed behind each of them. */
  readonly translators: Translators;

  private constructor(jails: ReadonlyMap<string, JailList>, files: ReadonlyMap<string, AllowFile>, ports: AllowPorts) {
    this.#clock = ports.clock ?? Date.now;
    this.#jails = jails;
    this.#files = files;
    this.translators = new Translators(ports.nat64);
    this.#own = new OwnNetworks(machineOf(ports));
  }

  /**
   * Reads `ignoreip` of each jail: addresses, networks, and files (an entry that begins with `/`, `./` or `../`) in pf's table format.
   * Throws ConfigError for the first faulty entry or line.
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
      return { inline: NamedNetworks.of(inline), files: [...used] };
    };
    return new AllowList(new Map(jails.map(({ name, ignoreip }) => [name, listOf(name, ignoreip)])), files, ports);
  }

  /** Returns the reason why this jail must not ban this address. Undefined: it may ban the address. */
  spares(address: Address, jail: string): string | undefined {
    return this.touches(hostNetwork(address), jail);
  }

  /** Returns the first address or network that shares an address with `network` and that this jail must not ban. Undefined: there is none. */
  touches(network: Network, jail: string): string | undefined {
    const covered = this.#coveredBy(network);
    return this.#never(covered) ?? this.#listed(covered, jail);
  }

  /** Returns the reason why this network must not be banned by hand; the lists of all jails count. Undefined: it may be banned. */
  refusal(network: Network): Refusal | undefined {
    const covered = this.#coveredBy(network);
    const own = this.#never(covered);
    if (own !== undefined) return { kind: 'own', because: own };
    const listed = this.#listed(covered, undefined);
    return listed === undefined ? undefined : { kind: 'allow-listed', because: listed };
  }

  /**
   * Returns the bans that cover an address which is allowed now, each with the reason. A forced ban (`--force`) is returned only if it covers
   * an address that may never be banned. Also returns bans from a log that cover many clients of a tunnel: only earlier releases made
   * such bans.
   */
  lifted(bans: readonly Ban[]): readonly { readonly ban: Ban; readonly because: string }[] {
    return bans.flatMap((ban) => {
      const covered = this.#coveredBy(ban.network);
      const jail = this.#jails.has(ban.jail) ? ban.jail : undefined;
      const because = this.#never(covered) ?? (ban.forced ? undefined : this.#listed(covered, jail)) ?? tooWide(ban);
      return because === undefined ? [] : [{ ban, because }];
    });
  }

  /**
   * Checks the files and the machine's addresses for changes. This is cheap, so it can be called every few seconds. Never throws: a file
   * that cannot be read keeps its last good list, and is reported once. After a change, `lifted` returns the bans that have to end.
   */
  refresh(): Refreshed {
    const now = this.#clock();
    const looks = [...[...this.#files.values()].map((file) => file.refresh(now)), ...this.#own.refresh()];
    const linesOf = (kind: Look['kind']): string[] =>
      looks.flatMap((look) => ('text' in look && look.kind === kind ? look.text : []));
    return { changed: linesOf('changed'), problems: linesOf('problem') };
  }

  /** A network and the IPv4 network behind it, as numbers. */
  #coveredBy(network: Network): Covered {
    const span = spanOf(network);
    const behind = this.translators.behind(network);
    if (behind === undefined) return { spans: [span], translator: undefined };
    if (prefixOf(behind.ipv4) === 0) return { spans: [span], translator: behind.translator };
    return { spans: [span, spanOf(behind.ipv4)], translator: undefined };
  }

  #never({ spans, translator }: Covered): string | undefined {
    for (const span of spans) {
      const found = SPECIAL_NETWORKS.touching(span) ?? this.#own.touching(span);
      if (found) return say(found);
    }
    return translator && `${translator} (a translator, all IPv4 clients are behind it)`;
  }

  /** Finds an entry in the list of this jail that shares an address with one of the networks. Without a jail, searches all lists. */
  #listed({ spans }: Covered, jail: string | undefined): string | undefined {
    const lists = jail === undefined ? this.#jails.values() : [this.#jails.get(jail)];
    for (const list of lists) {
      for (const span of spans) {
        const found = listedIn(list, span);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

/** The reason to lift a ban of an earlier release that covers more than its client: all clients of a Teredo server, or several sites of 6to4. */
function tooWide({ network, origin }: Ban): string | undefined {
  const isWide = origin === 'log' && prefixOf(network) < leastPrefix(firstAddress(network));
  return isWide ? `${network} (a network of many clients of a tunnel)` : undefined;
}

function listedIn(list: JailList | undefined, span: Span): string | undefined {
  const inline = list?.inline.touching(span);
  if (inline) return say(inline);
  for (const { networks } of list?.files ?? []) {
    const found = networks.touching(span);
    if (found) return say(found);
  }
  return undefined;
}

function machineOf({ addresses, machine }: AllowPorts): () => Machine {
  if (addresses !== undefined) return () => ({ networks: ownNetworks(addresses()), faults: [] });
  return machine ?? readMachine;
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
    // The message about a faulty line begins with its place. When the file cannot be read, the place of the entry that names it is added.
    if (!(thrown instanceof ConfigError) || !thrown.message.startsWith(`${path}: `)) throw thrown;
    throw new ConfigError(`${where}: ${thrown.message}`, { cause: thrown });
  }
}

function say({ network, where }: Named): string {
  return `${formatNetwork(network)} (${where})`;
}
