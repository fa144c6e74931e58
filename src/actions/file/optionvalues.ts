// Works out the values of an action's options: the checked values of the configuration, or else the defaults of the action file.
import { ConfigError } from '../../errors.ts';
import { printable } from '../../lib/text/printable.ts';
import { adviceOn, type Where } from '../../lib/yaml/yaml.ts';
import type { ActionFile, Option } from './schema.ts';

/** Option values for templates, such as `25,465,587` for `ports`. A name that joins an option and its value, like `block_drop`, is true. */
export type OptionValues = Readonly<Record<string, string | true>>;

/**
 * The values of all options. An option that `given` leaves out has its default. `given` holds values of the configuration: strings, numbers,
 * and lists of ports. Throws ConfigError, with the place of the option when `where` is given.
 */
export function optionValues(
  file: Pick<ActionFile, 'name' | 'options'>,
  given: Readonly<Record<string, unknown>>,
  where?: Where,
): OptionValues {
  const start = (name: string, part?: 'key'): string => `${where ? `${where([name], part)}: ` : ''}action ${file.name}: `;
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(file.options, name)) continue;
    throw new ConfigError(`${start(name, 'key')}unknown option "${printable(name)}", ${adviceOn(name, Object.keys(file.options))}`);
  }
  const values: Record<string, string | true> = {};
  for (const [name, option] of Object.entries(file.options)) {
    const text = textOf(option, given[name] ?? option.default);
    if (text === undefined) {
      const shown = printable(JSON.stringify(given[name] ?? option.default), 60);
      throw new ConfigError(`${start(name)}"${name}" cannot be ${shown}, it must be ${wordsFor(option)}`);
    }
    values[name] = text;
    values[`${name}_${text}`] = true;
  }
  return values;
}

/** A value of an option of type `word`. It cannot look like an option of a program, and holds no special character of a rule language. */
const WORD = /^[A-Za-z0-9_/][A-Za-z0-9_./-]{0,63}$/;

/** The maximum number of ports that one rule of iptables takes (multiport in iptables-extensions(8)). */
const MOST_PORTS = 15;

/** The value as text; undefined when the option cannot have it. */
function textOf(option: Option, value: unknown): string | undefined {
  const text = Array.isArray(value) ? value.join(',') : String(value);
  if (option.type === 'choice') return option.of.includes(text) ? text : undefined;
  if (option.type === 'word') return isWord(option, text) ? text : undefined;
  if (option.type === 'number')
    return /^\d{1,15}$/.test(text) && Number(text) >= option.min && Number(text) <= option.max ? text : undefined;
  if (text === 'all') return text;
  const ports = text.split(',').map((port) => port.trim());
  const good = ports.every((port) => /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535);
  return good && ports.length <= MOST_PORTS ? ports.join(',') : undefined;
}

/** True for a harmless word that the firewall accepts as a name. `like`: the pattern of the whole name. `except`: forbidden words, in one text. */
function isWord({ like, except }: Extract<Option, { type: 'word' }>, text: string): boolean {
  return WORD.test(text) && (like === undefined || new RegExp(`^(?:${like})$`).test(text)) && !except.split(/\s+/).includes(text);
}

function wordsFor(option: Option): string {
  if (option.type === 'choice') return option.of.join(' or ');
  if (option.type === 'word') return option.means ?? 'a word of letters, digits and _ . / -';
  if (option.type === 'number') return `a number from ${option.min} to ${option.max}`;
  return `"all" or a list of at most ${MOST_PORTS} port numbers`;
}
