// Hits, networks and policies for tests of decision and ledger, with defaults for the fields that a test does not set.
import type { JailPolicy, PastOf } from '../../../src/decision/decide.ts';
import { parseAddress, parseNetwork, type Address, type Network } from '../../../src/lib/address.ts';
import type { Millis } from '../../../src/words/ports.ts';
import type { Ban, Hit, Past } from '../../../src/words/walk.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The instant of an ISO 8601 text, in milliseconds since 1970. */
export const at = (iso: string): Millis => Date.parse(iso);

/** The instant to which the times of most tests refer. */
export const NOON = at('2026-11-25T12:00:00Z');

export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed) throw new Error(`${text}: no address`);
  return parsed;
}

export function network(text: string): Network {
  const parsed = parseNetwork(text);
  if ('fault' in parsed) throw new Error(`${text}: ${parsed.fault}`);
  return parsed.network;
}

let keys = 0;

/** A hit of this client at this instant, with a new key. */
export function hit(client: string, when: Millis = NOON, rest: Partial<Hit> = {}): Hit {
  keys += 1;
  const key = keys.toString(16).padStart(16, '0');
  return {
    jail: 'spamtrap',
    rule: 'recipient',
    address: address(client),
    at: when,
    key,
    fields: { trap: 'trap@example.org' },
    ...rest,
  };
}

/** A ban of an hour by the jail `spamtrap`. */
export function ban(text: string, since: Millis = NOON, rest: Partial<Ban> = {}): Ban {
  const until = since + HOUR;
  return { network: network(text), jail: 'spamtrap', since, until, offence: 1, origin: 'log', reason: 'recipient', ...rest };
}

/** The defaults of a jail `spamtrap`. */
export function policy(rest: Partial<JailPolicy> = {}): JailPolicy {
  return {
    name: 'spamtrap',
    maxretry: 1,
    findtime: 10 * MINUTE,
    bantime: HOUR,
    increment: { factor: 2, max: DAY, forget: 30 * DAY },
    ipv4Prefix: 32,
    ipv6Prefix: 64,
    ignoreip: [],
    ...rest,
  };
}

/** Returns a past without offences for every network. */
export const clean: PastOf = (asked) => asked.map(() => ({ bannedUntil: undefined, lastOffence: undefined, offences: 0 }));

/** Returns the given past for every network. */
export const known =
  (past: Partial<Past>): PastOf =>
  (asked) =>
    asked.map(() => ({ bannedUntil: undefined, lastOffence: undefined, offences: 0, ...past }));
