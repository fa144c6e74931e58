// Finds and reads action files, and makes actions of them. Refuses what could go wrong later: unknown keys, unknown names in templates,
// and anything but option values in an argument list.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ActionError, ConfigError, errnoOf, messageOf } from '../errors.ts';
import { findProgram } from '../lib/exec.ts';
import type { Ipv6 } from './programs/ipv6.ts';
import { packagePath } from '../package.ts';
import { printable } from '../lib/printable.ts';
import { parseYaml, readYaml } from '../lib/yaml.ts';
import type { Action, Clock, Log, Millis } from '../types.ts';
import { CommandAction } from './command.ts';
import { PrintAction } from './print.ts';
import { LIST_NAMES, fill, namesIn } from './render.ts';
import { VERBS, actionFile, readOptions, type ActionFile } from './schema.ts';

/** The folder of the action files that come with the program. */
export const SHIPPED = packagePath('actions');

/** The action that needs no file. */
const PRINT = 'print';

/** What an action is made with. */
export interface ActionPorts {
  readonly log: Log;
  readonly clock: Clock;
  /** Folders that are searched before the shipped one. */
  readonly folders?: readonly string[];
  /** Milliseconds until a command is killed with its children; 10 s by default. */
  readonly deadline?: Millis;
  /** Put in front of every argv, for example `ip netns exec NAME`. */
  readonly wrap?: readonly string[];
  /** Whether the kernel has IPv6; found out by default. */
  readonly ipv6?: Ipv6;
  /** Where `print` writes; standard output by default. */
  readonly write?: (line: string) => void;
}

/** Makes the action of that name, or of the file at that path. Throws ConfigError. */
export function loadAction(nameOrPath: string, options: Readonly<Record<string, unknown>>, ports: ActionPorts): Action {
  if (nameOrPath === PRINT) {
    readOptions({ name: PRINT, options: {} }, options);
    return new PrintAction(ports);
  }
  const { file } = readActionFile(pathOf(nameOrPath, ports.folders ?? []));
  return new CommandAction(file, readOptions(file, options), ports);
}

/** The best action that this machine has the programs for. Throws ActionError when there is none. */
export function detectAction(
  platform: string = process.platform,
  has: (program: string) => boolean = (name) => !!findProgram(name),
): string {
  const bsd = platform.endsWith('bsd') || platform === 'darwin';
  if (bsd && has('pfctl')) return 'pf';
  if (!bsd && has('nft')) return 'nftables';
  if (!bsd && has('iptables') && has('ip6tables')) return has('ipset') ? 'ipset' : 'iptables';
  const missing = bsd ? 'no pfctl found, switch pf on' : 'none of nft, ipset and iptables found, install the package nftables';
  throw new ActionError(`firewall: ${missing} or set "actions: [print]"`);
}

/** The names of all actions there are. */
export function knownActions(folders: readonly string[] = []): string[] {
  const names = [...folders, SHIPPED].flatMap((folder) => {
    try {
      return readdirSync(folder).flatMap((name) => /^(.+)\.yaml$/.exec(name)?.[1] ?? []);
    } catch {
      return [];
    }
  });
  return [...new Set([...names, PRINT])].toSorted();
}

function pathOf(nameOrPath: string, folders: readonly string[]): string {
  if (nameOrPath.includes('/')) return nameOrPath;
  if (/^[a-z][a-z0-9-]*$/.test(nameOrPath)) {
    for (const folder of [...folders, SHIPPED]) {
      const path = join(folder, `${nameOrPath}.yaml`);
      try {
        statSync(path);
        return path;
      } catch (thrown) {
        if (errnoOf(thrown) !== 'ENOENT') throw new ConfigError(`${path}: ${messageOf(thrown)}`, { cause: thrown });
      }
    }
  }
  throw new ConfigError(`unknown action "${printable(nameOrPath)}", known are: ${knownActions(folders).join(', ')}`);
}

/** An action file, and where in it things stand. */
export interface ReadActionFile {
  readonly file: ActionFile;
  readonly where: (path: readonly PropertyKey[]) => string;
}

/** Reads an action file and checks all of it but its examples. Throws ConfigError with file:line:col. */
export function readActionFile(path: string): ReadActionFile {
  let text: string;
  try {
    text = readYaml(path);
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown;
    throw new ConfigError(`${path}: ${messageOf(thrown)}`, { cause: thrown });
  }
  const { value: file, where } = parseYaml(text, path, actionFile);
  const view = readOptions(file, {});
  const check = new TemplateCheck(file, where);
  for (const name of Object.keys(file.parts)) check.template(['parts', name], file.parts[name] ?? '', true);
  for (const verb of VERBS) {
    for (const [index, step] of (file[verb] ?? []).entries()) {
      const at = [verb, index];
      for (const [place, word] of step.argv.entries()) check.template([...at, 'argv', place], word, false);
      for (const [place, word] of (step.unless ?? []).entries()) check.template([...at, 'unless', place], word, false);
      check.template([...at, 'advice'], step.advice ?? '', false);
      check.template([...at, 'expect'], step.expect ?? '', false);
      check.template([...at, 'stdin'], step.stdin ?? '', true);
      check.template([...at, 'again'], step.again ?? '', true);
      if (step.when !== undefined) check.choice([...at, 'when'], step.when);
      attempt(where([...at, 'expect']), () => RegExp(fill(step.expect ?? '', view, file.parts)));
      if (step.parse !== undefined && verb !== 'list')
        throw new ConfigError(`${where([...at, 'parse'])}: only the steps of "list" are parsed`);
    }
  }
  for (const [place, word] of (file.watch?.argv ?? []).entries()) check.template(['watch', 'argv', place], word, false);
  check.template(['watch', 'lines'], file.watch?.lines ?? '', false);
  attempt(where(['watch', 'lines']), () => RegExp(fill(file.watch?.lines ?? '', view, file.parts)));
  return { file, where };
}

function attempt(place: string, act: () => unknown): void {
  try {
    act();
  } catch (thrown) {
    throw new ConfigError(`${place}: ${printable(messageOf(thrown))}`, { cause: thrown });
  }
}

/** Knows which names a template of one file may use. */
class TemplateCheck {
  readonly #file: ActionFile;
  readonly #where: ReadActionFile['where'];
  readonly #chosen: ReadonlySet<string>;

  constructor(file: ActionFile, where: ReadActionFile['where']) {
    this.#file = file;
    this.#where = where;
    this.#chosen = new Set(
      Object.entries(file.options).flatMap(([name, option]) => {
        if (option.type === 'choice') return option.of.map((word) => `${name}_${word}`);
        return option.type === 'ports' ? [`${name}_all`] : [];
      }),
    );
  }

  /** Throws ConfigError for a name that is none; `lists` says whether networks may be named. */
  template(path: readonly PropertyKey[], text: string, lists: boolean): void {
    const place = this.#where(path);
    attempt(place, () => namesIn(text));
    for (const { name, part } of namesIn(text)) {
      if (part) {
        const inner = this.#file.parts[name];
        if (inner === undefined) throw this.#unknown(place, name, Object.keys(this.#file.parts));
        if (!lists) this.template(path, inner, false);
        continue;
      }
      const known = [...Object.keys(this.#file.options), ...this.#chosen];
      if (known.includes(name) || (lists && LIST_NAMES.includes(name))) continue;
      if (LIST_NAMES.includes(name))
        throw new ConfigError(`${place}: "${name}" cannot stand in an argument, hand it over in stdin`);
      throw this.#unknown(place, name, lists ? [...known, ...LIST_NAMES] : known);
    }
  }

  /** Throws ConfigError for what is not an option with a value of it, such as `block_reject`. */
  choice(path: readonly PropertyKey[], name: string): void {
    if (!this.#chosen.has(name)) throw this.#unknown(this.#where(path), name, [...this.#chosen]);
  }

  #unknown(place: string, name: string, known: readonly string[]): ConfigError {
    return new ConfigError(`${place}: unknown name "${printable(name)}", known here: ${known.join(', ') || 'none'}`);
  }
}
