// `trapline ban`: bans addresses and networks by hand, through the daemon or, when none runs, on its own.
import type { Readable } from 'node:stream';
import { buildCommand } from '@stricli/core';
import { UsageError } from '../errors.ts';
import type { Millis } from '../types.ts';
import type { Context } from './context.ts';
import { duration, json, places, type Places } from './flags.ts';
import { withControls } from './open.ts';
import { banTable, say, sayJson } from './print.ts';

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
      'Bans every ADDRESS or NETWORK (192.0.2.7, 192.0.2.0/24, 2001:db8::/64) until the time given with --for is over, or with --forever until it is lifted by hand. All or nothing: when one of them cannot be banned, none is. With "-", the networks are read from standard input, one per line.',
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
        brief: 'How long, as in 90s, 2h or 7d (default: bantime of the defaults, 1h)',
        placeholder: 'time',
        optional: true,
      },
      forever: { kind: 'boolean', brief: 'Until it is lifted by hand', default: false, withNegated: false },
      reason: { kind: 'parsed', parse: String, brief: 'Why, for the listing', placeholder: 'text', optional: true },
      force: { kind: 'boolean', brief: 'Also what is on the allow-list', default: false, withNegated: false },
      json,
    },
  },
  async func(flags, ...words) {
    if (flags.forever && flags.for !== undefined) throw new UsageError('--for and --forever exclude each other, give one of them');
    const networks = words.length === 1 && words[0] === '-' ? await readNetworks(this.stdin) : words;
    const rows = await withControls(this, flags, (controls) =>
      controls.ban({
        networks,
        force: flags.force,
        ...(flags.forever ? { duration: null } : flags.for === undefined ? {} : { duration: flags.for }),
        ...(flags.reason === undefined ? {} : { reason: flags.reason }),
      }),
    );
    if (flags.json) sayJson(this.process, rows);
    else say(this.process, banTable(rows, Date.now()));
  },
});

async function readNetworks(stdin: Readable): Promise<string[]> {
  let text = '';
  for await (const piece of stdin.setEncoding('utf8')) text += piece as string;
  const words = text.split('\n').map((line) => line.replace(/#.*/, '').trim());
  const networks = words.filter((word) => word !== '');
  if (networks.length === 0) throw new UsageError('standard input: no network on it, write one per line; nothing was banned');
  return networks;
}
