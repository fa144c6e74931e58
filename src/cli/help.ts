// The texts of `--help`: what a command does, its usage, arguments, options and examples, at most 80 columns wide.
import type { Command, RouteMap } from '@stricli/core';
import type { Context } from './context.ts';

/** The width of a terminal that has not been enlarged. */
const WIDTH = 80;

/** If the first column of a row has more characters than this, its text begins on the next line. */
const LONGEST_NAME = 24;

type Parameters = Command<Context>['parameters'];
type Flag = NonNullable<Parameters['flags']>[string];

/** Command lines and their effects, the most usual first. */
export const EXAMPLES: Readonly<Record<string, readonly (readonly [line: string, effect: string])[]>> = {
  run: [
    ['trapline run', 'as systemd starts it'],
    ['trapline run --config ./trapline.yaml', 'with another configuration'],
  ],
  backfill: [
    ['trapline backfill --dry-run /var/log/mail.log*', 'which bans would be set?'],
    ['trapline backfill /var/log/mail.log', 'set the bans'],
    ['trapline backfill --from-now --since 7d mail.log', 'ban the clients of a week'],
    ['journalctl -o json | trapline backfill -', 'read the journal'],
  ],
  ban: [
    ['trapline ban 203.0.113.7 --for 2h', 'for two hours'],
    ['trapline ban 198.51.100.0/24 --forever', 'until it is lifted by hand'],
    ['trapline ban - < networks.txt', 'one network a line'],
  ],
  unban: [
    ['trapline unban 203.0.113.7', 'one address'],
    ['trapline unban --all', 'every ban'],
  ],
  bans: [
    ['trapline bans', 'every ban in force'],
    ['trapline bans 203.0.113.7', 'the bans of one address'],
  ],
  status: [['trapline status', 'does it work, what does it follow, what is banned?']],
  reload: [['trapline reload', 'as "systemctl reload trapline" does']],
  check: [
    ['trapline check', 'before each reload'],
    ['trapline check --verbose', 'with each file and setting'],
    ['trapline check --config ./new.yaml', 'another configuration'],
  ],
  test: [
    ['trapline test /var/log/mail.log', 'hits and verdicts'],
    ["trapline test 'Nov 28 17:00:00 mx postfix/smtpd[1]: ...'", 'one line'],
    ['journalctl -o json | trapline test -', 'read the journal'],
  ],
};

/** Returns the command with the help text of this file in place of stricli's. `name` is the word that the user types. */
export function withHelp(name: string, command: Command<Context>): Command<Context> {
  const usage = usageOf(name, command.parameters);
  return { ...command, formatUsageLine: () => usage, formatHelp: () => helpOf(name, command) };
}

/** Returns the list of commands with the help text of this file in place of stricli's. */
export function withRootHelp(root: RouteMap<Context>): RouteMap<Context> {
  const commands = root.getAllEntries().map(({ name, target }): [string, string] => [name.original, target.brief]);
  const text = [
    ...wrapped(root.fullDescription ?? root.brief),
    '',
    '  trapline COMMAND [OPTIONS]',
    '  trapline COMMAND --help',
    '  trapline --version',
    '',
    'COMMANDS',
    ...rows(commands),
  ];
  return { ...root, formatHelp: () => `${text.join('\n')}\n` };
}

/** The usage of a command: `trapline backfill FILE... [OPTIONS]`. */
export function usageOf(name: string, { positional }: Parameters): string {
  const words = argumentsOf(positional).map(([word]) => word);
  return ['trapline', name, ...words, '[OPTIONS]'].join(' ');
}

/** An option with the name of its value: `--for TIME`, `--json`. */
export function optionOf(name: string, flag: Flag): string {
  const dashed = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (flag.kind === 'boolean') return dashed;
  const value = 'placeholder' in flag && flag.placeholder ? flag.placeholder : name;
  return `${dashed} ${value.toUpperCase()}`;
}

function helpOf(name: string, { brief, fullDescription, parameters }: Command<Context>): string {
  const args = argumentsOf(parameters.positional);
  const flags = Object.entries(parameters.flags ?? {}).map(([flag, about]): [string, string] => [
    optionOf(flag, about),
    briefOf(about),
  ]);
  const examples = EXAMPLES[name] ?? [];
  const lines = [
    brief,
    '',
    `  ${usageOf(name, parameters)}`,
    '',
    ...(fullDescription === undefined ? [] : [...wrapped(fullDescription), '']),
    ...(args.length > 0 ? ['ARGUMENTS', ...rows(args), ''] : []),
    'OPTIONS',
    ...rows([...flags, ['-h, --help', 'Print this help']]),
    ...(examples.length > 0 ? ['', 'EXAMPLES', ...exampleLines(examples)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function briefOf(flag: Flag): string {
  if (flag.kind !== 'enum') return flag.brief;
  const values = flag.values.map((value) => (value === flag.default ? `${value} (default)` : value));
  return `${flag.brief}: ${values.join(', ')}`;
}

/** The arguments of a command as the usage shows them, each with its description. */
function argumentsOf(positional: Parameters['positional']): readonly [string, string][] {
  if (!positional) return [];
  if (positional.kind === 'array') {
    const { placeholder = 'arg', brief } = positional.parameter;
    const word = `${placeholder.toUpperCase()}...`;
    return [[(positional.minimum ?? 0) > 0 ? word : `[${word}]`, brief]];
  }
  return positional.parameters.map(({ placeholder = 'arg', optional, brief }): [string, string] => {
    const word = placeholder.toUpperCase();
    return [optional ? `[${word}]` : word, brief];
  });
}

/** Two columns, indented; the text of the second column is wrapped. */
function rows(pairs: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...pairs.map(([name]) => name.length).filter((length) => length <= LONGEST_NAME), 0);
  return pairs.flatMap(([name, text]) => {
    const [first = '', ...more] = wrapped(text, WIDTH - width - 4);
    const indent = ' '.repeat(width + 4);
    const head = name.length > width ? [`  ${name}`, `${indent}${first}`] : [`  ${name.padEnd(width)}  ${first}`];
    return [...head, ...more.map((line) => indent + line)];
  });
}

function exampleLines(examples: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...examples.map(([line]) => line.length));
  return examples.map(([line, effect]) => `  ${line.padEnd(width)}  ${effect}`);
}

/** Breaks a text at blanks into lines of at most `width` characters. */
function wrapped(text: string, width = WIDTH): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
