// `trapline ban`: bans addresses and networks by hand, through the daemon or, when no daemon runs, in this program.
import type { Readable } from 'node:stream';
import { buildCommand } from '@stricli/core';
import { UsageError } from '../../errors.ts';
import type { Millis } from '../../words/ports.ts';
import { callerOf } from '../caller.ts';
import type { Context } from '../context.ts';
import { duration, json, places, type Places } from '../flags.ts';
import { withControls } from '../open.ts';
import { refuseOwed } from '../terminal/owed.ts';
import { announceInput } from '../terminal/input.ts';
import { banTable, say, sayJson } from '../terminal/print.ts';
import { replacedLines } from '../terminal/replaced.ts';

interface Flags extends Places {
  readonly for?: Millis;
  readonly forever: boolean;
  readonly reason?: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** The command. */
export const ban = buildCommand<Flags, string[], Context>({
  docs: {
    brief: 'Ban addresses or networks by hand',
    fullDescription:
      'Bans every ADDRESS or NETWORK (192.0.2.7, 192.0.2.0/24, 2001:db8::/64) for the time that --for gives, or with --forever until an unban by hand. When one of the networks cannot be banned, none of them is banned. With "-", the networks are read from standard input, one per line. Ends with exit code 69 when a firewall does not hold one of the bans.',
  },
  parameters: {
    positional: {
      kind: 'array',
      parameter: { brief: 'Addresses or networks, or - for standard input', parse: String, placeholder: 'network' },
      minimum: 1,
    },
    flags: {
      ...places,
      for: {
        kind: 'parsed',
        parse: duration,
        brief: 'Length of the ban, as in 90s, 2h or 7d (default: the option bantime in defaults, or 1h)',
        placeholder: 'time',
        optional: true,
      },
      forever: { kind: 'boolean', brief: 'Ban without an end, until an unban by hand', default: false, withNegated: false },
      reason: { kind: 'parsed', parse: String, brief: 'The reason that listings show', placeholder: 'text', optional: true },
      force: { kind: 'boolean', brief: 'Ban allow-listed networks too', default: false, withNegated: false },
      json,
    },
  },
  async func(flags, ...words) {
    if (flags.forever && flags.for !== undefined) throw new UsageError('--for and --forever exclude each other, give one of them');
    const fromInput = words.length === 1 && words[0] === '-';
    if (fromInput) announceInput(this, 'networks, one per line,');
    const networks = fromInput ? await readNetworks(this.stdin) : words;
    const rows = await withControls(this, flags, (controls) =>
      controls.ban({
        networks,
        force: flags.force,
        by: callerOf(this),
        ...(flags.forever ? { duration: null } : flags.for === undefined ? {} : { duration: flags.for }),
        ...(flags.reason === undefined ? {} : { reason: flags.reason }),
      }),
    );
    const now = Date.now();
    if (flags.json) sayJson(this.process, rows);
    else say(this.process, [banTable(rows, now), ...replacedLines(rows, now)].join('\n'));
    refuseOwed(rows, 'bans');
  },
});

async function readNetworks(stdin: Readable): Promise<string[]> {
  let text = '';
  for await (const piece of stdin.setEncoding('utf8')) text += piece as string;
  const words = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  const networks = words.filter((word) => word !== '');
  if (networks.length === 0) throw new UsageError('standard input: no network in it, write one per line; nothing was banned');
  return networks;
}
