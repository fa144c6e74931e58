import { beforeEach, describe, expect, it } from 'vitest';
import type { Looked } from '../../../src/actions/enforce.ts';
import { Effect } from '../../../src/daemon/rooms/effect.ts';
import { LedgerError } from '../../../src/errors.ts';
import type { Network } from '../../../src/lib/address.ts';
import type { Verdict } from '../../../src/words/walk.ts';
import { recordingLog } from '../../support/daemon/desk.ts';
import { ban, hit } from '../../support/decision/words.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const CLIENT = '192.0.2.7';

let now: number;
let looks: Network[];
let looked: readonly Looked[] | Error;
let lines: string[];
let effect: Effect;

beforeEach(() => {
  now = Date.parse('2026-11-25T08:00:00Z');
  looks = [];
  looked = [{ action: 'nftables', held: 'held', lastError: null }];
  const recording = recordingLog();
  ({ lines } = recording);
  effect = new Effect({
    log: recording.log,
    clock: () => now,
    look: async (network) => {
      looks.push(network);
      if (looked instanceof Error) throw looked;
      return looked;
    },
  });
});

const held = (client = CLIENT, at = now): Verdict => ({
  kind: 'held',
  hit: { ...hit(client), at },
  network: ban(client).network,
  until: null,
});

/** Hits of a banned client, one every `step` milliseconds. */
async function hits(count: number, { client = CLIENT, step = SECOND }: { client?: string; step?: number } = {}): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    effect.judged([held(client)]);
    now += step;
  }
  await Promise.resolve();
  await Promise.resolve();
}

/** The first hit of a banned client, and the end of the grace period that begins with this hit. */
async function grace(client = CLIENT): Promise<void> {
  await hits(1, { client, step: MINUTE });
}

describe('a ban without effect', () => {
  it('B08: is reported once when ten hits come within a minute after the grace period, with one check of the firewall', async () => {
    await grace();
    await hits(9);
    expect([looks, lines, effect.list()]).toEqual([[], [], []]);
    await hits(300);
    expect(looks).toEqual([ban(CLIENT).network]);
    expect(lines).toEqual([
      'spamtrap: ban of 192.0.2.7 has no effect, hits still come after 1m 9s: nftables holds the ban, so the client connects to a port that is not closed, comes through a proxy or a container that hides its address, or this is the log of another machine',
    ]);
    expect(effect.list()).toEqual([
      {
        network: CLIENT,
        jail: 'spamtrap',
        since: '2026-11-25T08:00:00.000Z',
        hits: 309,
        because: expect.stringContaining('holds the ban'),
      },
    ]);
  });

  it('is not reported because of hits in the grace period, or because of fewer than ten hits in a minute', async () => {
    await hits(59);
    now += MINUTE;
    await hits(30, { step: 7 * SECOND });
    expect([looks, lines]).toEqual([[], []]);
  });

  it('is not reported because of a log that is read late, or because of dates in the future', async () => {
    const from = now;
    await grace();
    for (let index = 0; index < 100; index += 1) effect.judged([held(CLIENT, from + index * 500)]);
    now = from;
    for (let index = 0; index < 100; index += 1) effect.judged([held(CLIENT, from + 30 * MINUTE)]);
    expect([looks, lines]).toEqual([[], []]);
  });

  it('is reported after the clock was set back, as soon as a new grace period is over', async () => {
    await grace();
    now -= 60 * MINUTE;
    await hits(59);
    expect(looks).toEqual([]);
    await hits(12);
    expect(looks).toHaveLength(1);
  });

  it('is not reported because of verdicts other than "held"', async () => {
    await grace();
    for (let index = 0; index < 20; index += 1) effect.judged([{ kind: 'ban', hit: hit(CLIENT), ban: ban(CLIENT) }]);
    expect(looks).toEqual([]);
  });

  it('is forgotten when it ends', async () => {
    await grace();
    await hits(10);
    effect.ended([ban('192.0.2.8')]);
    expect(effect.list()).toHaveLength(1);
    effect.ended([ban(CLIENT)]);
    expect(effect.list()).toEqual([]);
    await hits(10);
    expect(looks).toHaveLength(1);
  });

  it('is no longer listed ten minutes after its last hit', async () => {
    await grace();
    await hits(10);
    now += 9 * MINUTE;
    expect(effect.list()).toHaveLength(1);
    now += MINUTE;
    expect(effect.list()).toEqual([]);
  });

  it('is neither reported nor listed when no firewall has to hold it', async () => {
    looked = [];
    await grace();
    await hits(10);
    expect([lines, effect.list()]).toEqual([[], []]);
  });

  it.each<[string, Looked[]]>([
    ['nftables did not apply the ban, this has been corrected', [{ action: 'nftables', held: 'lacked', lastError: null }]],
    ['nftables still has to set the ban (no permission)', [{ action: 'nftables', held: 'owed', lastError: 'no permission' }]],
    ['nftables still has to set the ban', [{ action: 'nftables', held: 'owed', lastError: null }]],
    [
      'ipset cannot hold the ban, because this kernel has no IPv6; own cannot be asked',
      [
        { action: 'ipset', held: 'not covered', lastError: null },
        { action: 'own', held: 'unknown', lastError: null },
      ],
    ],
  ])('has the reason: %s', async (because, found) => {
    looked = found;
    await grace();
    await hits(10);
    expect(lines).toEqual([`spamtrap: ban of 192.0.2.7 has no effect, hits still come after 1m 9s: ${because}`]);
    expect(effect.list()).toMatchObject([{ because }]);
  });

  it('is reported also while the ledger cannot be read', async () => {
    looked = new LedgerError('trapline.db: disk I/O error');
    await grace();
    await hits(10);
    expect(lines).toEqual(['spamtrap: ban of 192.0.2.7 has no effect, hits still come after 1m 9s: trapline.db: disk I/O error']);
  });
});

describe('many bans without effect', () => {
  const clients = Array.from({ length: 1500 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);

  it('lead to one check of the firewall in a minute, and at most a hundred of them are listed', async () => {
    for (const client of clients) effect.judged([held(client)]);
    now += MINUTE;
    for (let index = 0; index < 10; index += 1) for (const client of clients) effect.judged([held(client)]);
    await hits(1, { client: '192.0.2.99' });
    expect([looks.length, lines.length]).toEqual([1, 1]);
    expect(effect.list()).toHaveLength(100);
    expect(effect.list()[1]?.because).toBe('the firewall was checked a moment ago for another client');
    effect.ended([ban(clients[0] ?? '')]);
    await grace('192.0.2.1');
    await hits(10, { client: '192.0.2.1' });
    expect([looks.length, lines.length]).toEqual([2, 2]);
  });

  it('are watched for at most a thousand clients, each until ten minutes after its last hit', async () => {
    const last = clients.at(-1) ?? '';
    for (const client of clients) effect.judged([held(client)]);
    now += MINUTE;
    await hits(60, { client: last });
    expect(looks).toEqual([]);
    await hits(10, { client: clients[999] ?? '' });
    expect(looks).toHaveLength(1);
    now += 10 * MINUTE;
    await grace(last);
    await hits(10, { client: last });
    expect(looks).toEqual([ban(clients[999] ?? '').network, ban(last).network]);
  });
});
