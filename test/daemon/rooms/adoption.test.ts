import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Adoption } from '../../../src/daemon/rooms/adoption.ts';
import { AllowList } from '../../../src/decision/decide.ts';
import { LedgerError } from '../../../src/errors.ts';
import type { Ban } from '../../../src/words/walk.ts';
import { HOUR, network, NOON, policy } from '../../support/decision/words.ts';

let bans: Ban[];
let lines: string[];
let syncs: number;
let bantime: number | null;
let fault: Error | undefined;
let adoption: Adoption;

beforeEach(() => {
  [bans, lines, syncs, bantime, fault] = [[], [], 0, HOUR, undefined];
  const keep = (text: string): void => void lines.push(text);
  const allow = AllowList.load([policy({ ignoreip: ['192.0.2.99'] })], { addresses: () => [], clock: () => NOON });
  adoption = new Adoption(
    {
      clock: () => NOON,
      allow: () => allow,
      bantime: () => bantime,
      court: {
        ban: (some: readonly Ban[]) => {
          if (fault) throw fault;
          bans.push(...some);
          return { verdicts: [], bans: some, enforced: Promise.resolve() };
        },
      } as never,
    },
    { log: { debug: keep, info: keep, notice: keep, warn: keep, error: keep }, sync: () => (syncs += 1) },
  );
});

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('`Adoption`, which keeps the bans that only a firewall holds after damage to the ledger', () => {
  it('turns the networks that only a firewall holds into bans by hand, once after damage to the ledger, and starts a sync at once', async () => {
    adoption.begin(['nftables', 'print']);
    expect(syncs).toBe(0);
    await nextTurn();
    expect(syncs).toBe(1);
    adoption.found('nftables', [network('203.0.113.7'), network('2001:db8::/64')]);
    adoption.found('nftables', [network('203.0.113.8')]);
    expect(bans).toEqual(
      ['203.0.113.7/32', '2001:db8::/64'].map((each) => ({
        network: each,
        jail: 'manual',
        since: NOON,
        until: NOON + HOUR,
        offence: 1,
        origin: 'hand',
        reason: 'found in the firewall after the ledger was damaged',
      })),
    );
    expect(lines).toEqual(['nftables: holds bans that the ledger lost, now bans by hand: 203.0.113.7, 2001:db8::/64']);
  });

  it('makes no bans while the ledger is not damaged', () => {
    adoption.found('nftables', [network('203.0.113.7')]);
    expect([bans, lines]).toEqual([[], []]);
  });

  it('bans no allowed address, and no address that is never banned', () => {
    adoption.begin(['nftables']);
    adoption.found('nftables', [network('192.0.2.99'), network('127.0.0.1'), network('203.0.113.7')]);
    expect(bans.map((ban) => ban.network)).toEqual(['203.0.113.7/32']);
  });

  it('logs the names of at most ten networks, and bans for ever if the bantime is forever', () => {
    bantime = null;
    adoption.begin(['nftables']);
    adoption.found(
      'nftables',
      Array.from({ length: 11 }, (_, index) => network(`203.0.113.${index}`)),
    );
    expect([bans.length, bans[0]?.until]).toEqual([11, null]);
    expect(lines).toEqual(['nftables: holds bans that the ledger lost, now bans by hand: 11 networks']);
  });

  it('leaves the networks in the firewall while the ledger cannot be written, and bans them at a later comparison', () => {
    fault = new LedgerError('/ledger: no room');
    adoption.begin(['nftables']);
    for (const _ of [1, 2])
      expect(adoption.found('nftables', [network('203.0.113.7'), network('192.0.2.99')])).toMatchObject([
        { network: '203.0.113.7/32', until: NOON + HOUR },
      ]);
    fault = undefined;
    expect(adoption.found('nftables', [network('203.0.113.7')])).toEqual([]);
    expect(bans.map((ban) => ban.network)).toEqual(['203.0.113.7/32']);
    expect(lines).toEqual([
      'nftables: /ledger: no room; bans that only this firewall holds stay in it until they can be recorded',
      'nftables: holds bans that the ledger lost, now bans by hand: 203.0.113.7',
    ]);
  });

  it('compares the firewalls again by itself while the ledger cannot be written', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    fault = new LedgerError('/ledger: no room');
    adoption.begin(['nftables']);
    await nextTurn();
    const before = syncs;
    adoption.found('nftables', [network('203.0.113.7')]);
    vi.runAllTimers();
    expect(syncs).toBe(before + 1);
  });
});
