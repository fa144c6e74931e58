import { describe, expect, it } from 'vitest';
import type { Network } from '../../src/lib/address.ts';
import { Court, type Doors } from '../../src/walk/court.ts';
import type { Change } from '../../src/words/firewall.ts';
import type { Witness } from '../../src/words/witnesses.ts';
import type { Ban, Hit } from '../../src/words/walk.ts';
import { ban, hit } from '../support/decision/words.ts';
import { recordingLog } from '../support/daemon/desk.ts';

const NOW = Date.parse('2026-11-25T08:00:00Z');
const HOUR = 3_600_000;

const hitAt = (at: number, client = '203.0.113.7'): Hit => ({ ...hit(client), at });

const hold = (bans: readonly Ban[]): readonly Change[] =>
  bans.length === 0 ? [] : [{ action: 'nftables', hold: bans.map(({ network, until }) => ({ network, until })), free: [] }];

/** The functions (`Doors`) that a `Court` calls. They ban every hit at once, and record the order of their calls. */
function recordingDoors(replaced: Partial<Doors> = {}) {
  const calls: (readonly [door: string, what: unknown])[] = [];
  const doors: Doors = {
    decide: (hits) => {
      calls.push(['decide', hits.map(({ at }) => at)]);
      return hits.map((one) => ({ kind: 'ban', hit: one, ban: { ...ban(one.address), since: one.at } }));
    },
    takeBack: () => void calls.push(['take back', undefined]),
    past: (asked) => asked.map(() => ({ bannedUntil: undefined, lastOffence: undefined, offences: 0 })),
    record: (verdicts, cursor) => {
      calls.push(['record', cursor]);
      const bans = verdicts.flatMap((verdict) => (verdict.kind === 'ban' ? [verdict.ban] : []));
      return { bans, changes: hold(bans) };
    },
    recordBans: (bans) => {
      calls.push(['record', bans.length]);
      return { bans, changes: hold(bans) };
    },
    changesAfter: (ended) => [{ action: 'nftables', hold: [], free: ended.map(({ network }) => network) }],
    enforce: async (changes) => void calls.push(['enforce', changes]),
    ...replaced,
  };
  return { doors, calls };
}

function courtWith(doors: Doors, witnesses: readonly Witness[] = []) {
  const { log, lines } = recordingLog();
  return { court: new Court(doors, { clock: () => NOW, log, witnesses }), lines };
}

/** A `Witness` (a listener that is called after the firewall) that records its calls. */
function recordingWitness(calls: (readonly [string, unknown])[] = []) {
  const witness: Witness = {
    name: 'recorder',
    judged: (verdicts) => void calls.push(['judged', verdicts.length]),
    ended: (bans, because) => void calls.push(['ended', `${bans.length} ${because}`]),
  };
  return { witness, calls };
}

describe('Court.judge', () => {
  it('decides, records, changes the firewall and calls the listeners, in this order', async () => {
    const { doors, calls } = recordingDoors();
    const { court } = courtWith(doors, [recordingWitness(calls).witness]);
    const { verdicts, bans, enforced } = court.judge([hitAt(NOW - 1000)], { source: 'journal', cursor: 'c1' });
    await enforced;
    expect(calls.map(([door]) => door)).toEqual(['decide', 'record', 'enforce', 'judged']);
    expect(calls[1]).toEqual(['record', { source: 'journal', cursor: 'c1' }]);
    expect(verdicts).toHaveLength(1);
    expect(bans.map(({ network }) => network)).toEqual(['203.0.113.7/32']);
  });

  it('records a cursor without hits, and calls neither the firewall nor a listener', async () => {
    const { doors, calls } = recordingDoors();
    const { court } = courtWith(doors, [recordingWitness(calls).witness]);
    await court.judge([], { source: 'journal', cursor: 'c1' }).enforced;
    expect(calls.map(([door]) => door)).toEqual(['decide', 'record']);
  });

  it.each([
    ['an hour ahead unchanged', HOUR, NOW + HOUR],
    ['a millisecond further ahead as the present time', HOUR + 1, NOW],
    ['ten years ahead as the present time', 10 * 365 * 24 * HOUR, NOW],
    ['far in the past unchanged', -400 * 24 * HOUR, NOW - 400 * 24 * HOUR],
  ])('T04: uses a date %s', (_what, ahead, expected) => {
    const { doors, calls } = recordingDoors();
    courtWith(doors).court.judge([hitAt(NOW + ahead)]);
    expect(calls[0]).toEqual(['decide', [expected]]);
  });

  it('undoes the counts of its decision when recording fails, and calls neither the firewall nor a listener', async () => {
    const { doors, calls } = recordingDoors({
      record: () => {
        throw new Error('cannot be read');
      },
    });
    const { court } = courtWith(doors, [recordingWitness(calls).witness]);
    expect(() => court.judge([hitAt(NOW)])).toThrow('cannot be read');
    await new Promise(setImmediate);
    expect(calls.map(([door]) => door)).toEqual(['decide', 'take back']);
  });
});

describe('Court.ban', () => {
  it('records the bans, and then sets them in the firewall', async () => {
    const { doors, calls } = recordingDoors();
    const { bans, enforced } = courtWith(doors).court.ban([ban('203.0.113.8')]);
    await enforced;
    expect(bans).toHaveLength(1);
    expect(calls.map(([door]) => door)).toEqual(['record', 'enforce']);
  });
});

describe('Court.lift', () => {
  it('lifts the bans in the firewall, and calls the listeners with the reason', async () => {
    const { doors, calls } = recordingDoors();
    const { court } = courtWith(doors, [recordingWitness(calls).witness]);
    await court.lift([ban('203.0.113.8')], 'by hand');
    expect(calls).toEqual([
      ['enforce', [{ action: 'nftables', hold: [], free: ['203.0.113.8/32' as Network] }]],
      ['ended', '1 by hand'],
    ]);
  });

  it('does nothing for an empty list', async () => {
    const { doors, calls } = recordingDoors();
    await courtWith(doors).court.lift([], 'by hand');
    expect(calls).toEqual([]);
  });
});

describe('a Witness', () => {
  it('affects neither the bans nor the other listeners when it throws, and is logged once', async () => {
    const broken: Witness = {
      name: 'broken',
      judged: () => {
        throw new TypeError('a bug');
      },
      ended: () => {
        throw new TypeError('a bug');
      },
    };
    const { witness, calls } = recordingWitness();
    const { doors } = recordingDoors();
    const { court, lines } = courtWith(doors, [broken, witness]);
    for (let time = 0; time < 3; time += 1) await court.judge([hitAt(NOW)]).enforced;
    await court.lift([ban('203.0.113.8')], 'by hand');
    expect(calls).toEqual([
      ['judged', 1],
      ['judged', 1],
      ['judged', 1],
      ['ended', '1 by hand'],
    ]);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^broken: failed, please report this; bans go on: TypeError: a bug; /);
  });

  it('is called only for later events when it is added later', async () => {
    const { witness, calls } = recordingWitness();
    const witnesses: Witness[] = [];
    const { court } = courtWith(recordingDoors().doors, witnesses);
    await court.judge([hitAt(NOW)]).enforced;
    witnesses.push(witness);
    await court.judge([hitAt(NOW), hitAt(NOW)]).enforced;
    expect(calls).toEqual([['judged', 2]]);
  });
});
