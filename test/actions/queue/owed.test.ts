import { beforeEach, describe, expect, it } from 'vitest';
import { Owed } from '../../../src/actions/queue/owed.ts';
import { network } from '../../support/actions/words.ts';

const [A, B, C] = [network('192.0.2.1'), network('192.0.2.2'), network('2001:db8::/64')];

describe('the wishes in `Owed`, which are the pending changes of a firewall', () => {
  let owed: Owed;
  beforeEach(() => {
    owed = new Owed();
  });

  /** The wishes of the next call. */
  const next = (): unknown => Object.fromEntries(owed.take());

  it('keep the newest wish for each network', () => {
    owed.add(A, 1000);
    owed.add(B, null);
    owed.add(A, 'gone');
    owed.add(B, 2000);
    expect([owed.size, owed.waits]).toEqual([2, true]);
    expect(next()).toEqual({ [A]: 'gone', [B]: 2000 });
  });

  it('include the wishes of the running call, and wishes that are added during the call', () => {
    owed.add(A, 1000);
    owed.take();
    expect([owed.size, owed.waits, owed.has(A)]).toEqual([1, false, false]);
    owed.add(B, 1000);
    expect([owed.size, owed.waits, owed.has(B)]).toEqual([2, true, true]);
    owed.settle([]);
    expect([owed.size, owed.waits]).toEqual([1, true]);
  });

  it('are empty after a successful call', () => {
    owed.add(A, 1000);
    owed.take();
    owed.settle([]);
    expect([owed.size, owed.waits, owed.hasRefused]).toEqual([0, false, false]);
  });

  it('wait again after a failed call', () => {
    owed.add(A, 1000);
    owed.add(B, null);
    owed.add(C, 'gone');
    owed.take();
    owed.putBack();
    expect(owed.size).toBe(3);
    expect(next()).toEqual({ [A]: 1000, [B]: null, [C]: 'gone' });
  });

  it.each([
    ['an unban that was added after the ban', 1000, 'gone'],
    ['a ban that was added after the unban', 'gone', 1000],
    ['an earlier end that was added after a later end', 2000, 1000],
    ['an end that was added after a ban for ever', null, 1000],
  ] as const)('keep only the newer wish when a call fails: %s', (_what, older, newer) => {
    owed.add(A, older);
    owed.add(B, 3000);
    owed.take();
    owed.add(A, newer);
    owed.putBack();
    expect(owed.size).toBe(2);
    expect(next()).toEqual({ [A]: newer, [B]: 3000 });
  });

  it('keep refused wishes out of the next call until they are tried again', () => {
    owed.add(A, 1000);
    owed.add(B, null);
    owed.take();
    owed.settle([B]);
    expect([owed.size, owed.waits, owed.hasRefused, owed.has(B), owed.has(A)]).toEqual([1, false, true, true, false]);
    owed.retry();
    expect([owed.waits, owed.hasRefused]).toEqual([true, false]);
    expect(next()).toEqual({ [B]: null });
  });

  it('forget a refused wish when a newer wish is added', () => {
    owed.add(A, 1000);
    owed.take();
    owed.settle([A]);
    owed.add(A, 'gone');
    expect([owed.size, owed.hasRefused]).toEqual([1, false]);
    owed.retry();
    expect(next()).toEqual({ [A]: 'gone' });
  });

  it('do not keep a refused wish when a newer wish was added during the call', () => {
    owed.add(A, 1000);
    owed.take();
    owed.add(A, 'gone');
    owed.settle([A]);
    expect([owed.size, owed.hasRefused]).toEqual([1, false]);
    expect(next()).toEqual({ [A]: 'gone' });
  });

  it('contain no older wishes after a call that replaces all bans', () => {
    owed.add(A, 1000);
    owed.take();
    owed.settle([A]);
    owed.add(B, 'gone');
    owed.takeAll([
      { network: A, until: 2000 },
      { network: C, until: null },
    ]);
    expect([owed.size, owed.waits, owed.hasRefused]).toEqual([2, false, false]);
    owed.settle([C]);
    owed.retry();
    expect(next()).toEqual({ [C]: null });
  });

  it('wait again after a failed replacement of all bans, except where a newer wish was added', () => {
    owed.add(A, 1000);
    owed.add(B, 1000);
    owed.take();
    owed.settle([A]);
    owed.add(B, 1000);
    owed.takeAll([
      { network: A, until: 1000 },
      { network: B, until: 1000 },
      { network: C, until: 1000 },
    ]);
    owed.add(B, 'gone');
    owed.putBack();
    expect(next()).toEqual({ [A]: 1000, [B]: 'gone' });
    owed.settle([]);
    expect(owed.size).toBe(0);
  });

  it('contain the unban of a refused network that the call did not include', () => {
    owed.takeAll([]);
    owed.settle([A]);
    owed.retry();
    expect(next()).toEqual({ [A]: 'gone' });
  });
});
