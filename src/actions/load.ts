// Makes the actions of the configuration: finds each action file by its name, fills in its options, and refuses two actions with the same
// name.
import { ActionError, ConfigError } from '../errors.ts';
import { findProgram } from '../lib/children/exec.ts';
import { findFile, knownNames, type Catalog } from '../lib/yaml/catalog.ts';
import { packagePath } from '../package.ts';
import type { Action } from '../words/firewall.ts';
import { CommandAction } from './command.ts';
import { optionValues, Recipe } from './file/recipe.ts';
import type { Where } from '../lib/yaml/yaml.ts';
import type { ActionPorts } from './ports.ts';
import { PrintAction } from './print.ts';

/** The folder of the action files that come with the program. */
export const SHIPPED = packagePath('actions');

/** The action that needs no file. */
const PRINT = 'print';

/** The type that selects the best action of this machine. */
const AUTO = 'auto';

/** One action as the configuration sets it. */
export interface ActionSetting {
  /** The name of an action, the path of its file, or `auto`. */
  readonly type: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** The place of `type`, or of an option, in the configuration. Absent: messages have no place. */
  readonly where?: Where;
}

/** The folders in which action files are looked for: first `folders`, which belong to the operator, then the shipped folder. */
export function actionCatalog(folders: readonly string[] = []): Catalog {
  return { kind: 'action', folders: [...folders, SHIPPED], builtIn: [PRINT] };
}

/** The names of all actions, in alphabetical order. Throws ConfigError for a folder that cannot be searched. */
export function knownActions(folders: readonly string[] = []): readonly string[] {
  return knownNames(actionCatalog(folders));
}

/**
 * Makes the actions, in order. Throws ConfigError, with the place in the configuration, for an unknown action, for an unknown option, and
 * for two actions with the same name. Throws ActionError for `auto` on a machine without a firewall.
 */
export function loadActions(settings: readonly ActionSetting[], ports: ActionPorts): readonly Action[] {
  const actions = new Map<string, Action>();
  for (const setting of settings) {
    const action = loadAction(setting.type === AUTO ? detectAction() : setting.type, setting.options, ports, setting.where);
    if (actions.has(action.name)) {
      const place = setting.where ? `${setting.where(['type'])}: ` : '';
      throw new ConfigError(`${place}two actions have the name "${action.name}", remove one or rename it in its file`);
    }
    actions.set(action.name, action);
  }
  return [...actions.values()];
}

/** Makes the action with this name, or the action of the file at this path. Throws ConfigError. */
export function loadAction(
  nameOrPath: string,
  options: Readonly<Record<string, unknown>>,
  ports: ActionPorts,
  where?: Where,
): Action {
  if (nameOrPath === PRINT) {
    optionValues({ name: PRINT, options: {} }, options, where);
    return new PrintAction(ports);
  }
  const path = findFile(actionCatalog(ports.folders), nameOrPath, where?.(['type']));
  return new CommandAction(new Recipe(path, { options, where }), ports);
}

/** The best action whose programs this machine has. Throws ActionError when there is no such action. */
export function detectAction(
  platform: string = process.platform,
  has: (program: string) => boolean = (name) => !!findProgram(name),
): string {
  const bsd = platform.endsWith('bsd') || platform === 'darwin';
  if (bsd && has('pfctl')) return 'pf';
  if (!bsd && has('nft')) return 'nftables';
  if (!bsd && has('iptables')) return has('ipset') ? 'ipset' : 'iptables';
  const missing = bsd ? 'no pfctl found, switch pf on' : 'none of nft, ipset and iptables found, install the package nftables';
  throw new ActionError(`firewall: ${missing} or set "actions: [print]"`);
}
