// Checks everything that a daemon would read: filters and actions with their examples, allow-lists, rules of jails. Then asks each firewall, and
// opens each source for reading.
import { dirname, parse } from 'node:path';
import { checkActionFile } from '../../actions/enforce.ts';
import { scopesOf, type Config } from '../../config/load.ts';
import { ConfigError, ExpectedError, messageOf } from '../../errors.ts';
import { checkFilterFile, type Matcher } from '../../filters/match.ts';
import { filesOf, findFile } from '../../lib/yaml/catalog.ts';
import type { Log } from '../../words/ports.ts';
import {
  actionFolders,
  buildMatcher,
  buildSwappable,
  filterFolders,
  loadActions,
  openSources,
  withNames,
  type Ports,
} from '../rooms/build.ts';
import { missNotes } from './misses.ts';

/** The kind of object that was checked: a setting, a file, a firewall or a source. */
export type Kind = 'configuration' | 'filter' | 'action' | 'firewall' | 'source';

/** One file or setting, and its problems. */
export interface Checked {
  readonly kind: Kind;
  readonly name: string;
  readonly problems: readonly string[];
  /** A reason why a daemon could not read or ban now, although the configuration has no fault: for example, a log does not exist yet. */
  readonly notes?: readonly string[];
}

/** The options of a check. */
interface Asking {
  /** True: each firewall is asked, and each source is opened. */
  readonly live: boolean;
  /** True for root. For another user, a fault of a firewall or source is only a note, because the daemon may have rights that this user lacks. */
  readonly root: boolean;
}

/**
 * Builds filters, allow-list, actions and sources from the configuration, and checks every filter file and action file in the folders.
 * Changes nothing. A fault that both the building and the checking find is listed only once, for its file.
 */
export async function checkAll(config: Config, ports: Ports, asking: Asking): Promise<readonly Checked[]> {
  const [whole, files] = await Promise.all([checkRooms(config, ports), checkFolders(config)]);
  const known = new Set(files.flatMap(({ problems }) => problems));
  const own = whole.flatMap((one) => {
    const rest = one.problems.filter((problem) => !known.has(problem));
    return rest.length === 0 && one.problems.length > 0 ? [] : [{ ...one, problems: rest }];
  });
  const usable = (name: string): boolean => whole.some((one) => one.name === name && one.problems.length === 0);
  const live = asking.live
    ? [
        ...(usable('actions') ? await askFirewalls(config, ports) : []),
        ...(usable('sources') ? await lookAtSources(config, ports) : []),
      ]
    : [];
  return [...own, ...(asking.root ? live : live.map(asNotes)), ...files];
}

/** The faults of a configuration that cannot be read, in the form of a check. */
export function unreadableConfig(name: string, thrown: ConfigError): Checked {
  return { kind: 'configuration', name, problems: thrown.all };
}

function asNotes({ kind, name, problems, notes = [] }: Checked): Checked {
  return { kind, name, problems: [], notes: [...problems.map((problem) => `${problem}; try it as root`), ...notes] };
}

async function askFirewalls(config: Config, ports: Ports): Promise<readonly Checked[]> {
  const checked: Checked[] = [];
  for (const action of loadActions(config, ports)) {
    if (!action.probe) continue;
    const faults = await action.probe().catch((thrown: unknown) => [messageOf(thrown)]);
    checked.push({ kind: 'firewall', name: action.name, problems: faults.map((fault) => `firewall ${action.name}: ${fault}`) });
  }
  return checked;
}

/** The note for a configuration that follows no log. */
const NO_SOURCE = '"sources" is an empty list, so a daemon follows no log and bans only by hand';

async function lookAtSources(config: Config, ports: Ports): Promise<readonly Checked[]> {
  const { detectSources, lastLines, look, sourceName } = await import('../../sources/read.ts');
  const settings = config.sources === 'auto' ? await detectSources(ports) : config.sources;
  if (settings.length === 0) return [{ kind: 'source', name: 'no source', problems: [], notes: [NO_SOURCE] }];
  const matcher = await matcherOf(config);
  return Promise.all(
    settings.map(async (setting): Promise<Checked> => {
      const { fault, note } = await look(setting);
      const name = sourceName(setting);
      const misses = matcher && fault === undefined ? missNotes(matcher, name, await lastLines(setting, ports.clock())) : [];
      const notes = [...(note === undefined ? [] : [`source ${note}`]), ...misses];
      return { kind: 'source', name, problems: fault === undefined ? [] : [`source ${fault}`], notes };
    }),
  );
}

/** The matcher of a daemon; undefined when no filter can be used, which is a problem of its own. */
async function matcherOf(config: Config): Promise<Matcher | undefined> {
  const log: Log = { debug: ignore, info: ignore, notice: ignore, warn: ignore, error: ignore };
  try {
    return buildMatcher(await withNames(config, { log }), log, 'sources');
  } catch (thrown) {
    if (!(thrown instanceof ExpectedError)) throw thrown;
    return undefined;
  }
}

function ignore(): void {}

function checkFolders(config: Config): Promise<readonly Checked[]> {
  return Promise.all([
    ...checkFiles('filter', filterFolders(config), (file) => checkFilterFile(file).problems),
    ...checkFiles('action', actionFolders(config), checkActionFile),
  ]);
}

function checkRooms(config: Config, ports: Ports): Promise<readonly Checked[]> {
  return Promise.all([
    attempt('configuration', config.file ?? 'built-in configuration', () => {
      const { stopped } = buildSwappable(config, [], ports).matcher;
      return [...stopped].map(([jail, reason]) => `jail "${jail}" is stopped: ${reason}`);
    }),
    attempt('configuration', 'actions', () => {
      const names = loadActions(config, ports).map(({ name }) => name);
      scopesOf(config, names);
      return [];
    }),
    attempt('configuration', 'sources', async () => {
      const sources = await openSources(config, ports);
      return sources.flatMap((source) => source.fault?.() ?? []);
    }),
  ]);
}

async function attempt(kind: Kind, name: string, work: () => readonly string[] | Promise<readonly string[]>): Promise<Checked> {
  try {
    return { kind, name, problems: await work() };
  } catch (thrown) {
    if (!(thrown instanceof ExpectedError)) throw thrown;
    return { kind, name, problems: thrown instanceof ConfigError ? thrown.all : [thrown.message] };
  }
}

/** Checks every file of one kind. Like the loaders, it refuses two files of one folder whose names differ only in `.yaml` and `.yml`. */
function checkFiles(
  kind: 'filter' | 'action',
  folders: readonly string[],
  check: (file: string) => readonly string[],
): readonly Promise<Checked>[] {
  return filesOf({ kind, folders }).map((file) =>
    attempt(kind, file, () => {
      findFile({ kind, folders: [dirname(file)] }, parse(file).name);
      return check(file);
    }),
  );
}
