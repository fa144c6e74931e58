import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ActionQueue, type Wish } from '../../../src/actions/queue/queue.ts';
import { ActionError } from '../../../src/errors.ts';
import type { Action, Entry, Wanted } from '../../../src/words/firewall.ts';
import { RecordingAction } from '../../support/actions/recording.ts';
import { entry, KeptLog, manyHosts, network } from '../../support/actions/words.ts';

const down = new ActionError('nft -f -: Operation not permitted');
const open: ActionQueue[] = [];

/** The status of an action that works, without its name. */
const WELL = { state: 'ok', works: true, blocks: true, owed: 0, lastError: null, since: null, drift: 0 };

// Time passes only when a test advances it.
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((queue) => queue.close()));
  vi.useRealTimers();
});

function queueFor(action: Action, found?: () => readonly Entry[]): { queue: ActionQueue; log: KeptLog } {
  const log = new KeptLog();
  const queue = new ActionQueue(action, { log: log.log, clock: Date.now, backoff: (failures) => 1000 * failures, found });
  open.push(queue);
  return { queue, log };
}

const ban = (queue: ActionQueue, ...entries: Entry[]): Promise<void> =>
  queue.add(entries.map(({ network: one, until }) => [one, until] as const));

const unban = (queue: ActionQueue, ...texts: string[]): Promise<void> =>
  queue.add(texts.map((text): readonly [ReturnType<typeof network>, Wish] => [network(text), 'gone']));

/** Makes every call of an action wait until the returned function is called. */
function gate(action: RecordingAction): () => void {
  const released = new EventEmitter();
  action.gate = once(released, 'open').then(() => undefined);
  return () => {
    action.gate = undefined;
    released.emit('open');
  };
}

/** Runs all waiting work that needs no timer. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

const wait = (millis: number): Promise<unknown> => vi.advanceTimersByTimeAsync(millis);

describe('a queue, which carries out the wishes (bans and unbans) for one action', () => {
  it('opens the action once, then bans and unbans', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.open();
    await ban(queue, entry('192.0.2.7'), entry('2001:db8::/64', 'forever'));
    await unban(queue, '192.0.2.7');
    expect(action.calls).toEqual(['open', 'ban 192.0.2.7/32 2001:db8::/64', 'unban 192.0.2.7/32']);
    expect(queue.status()).toEqual({ ...WELL, name: 'recording' });
  });

  it('merges the wishes that arrive during a call, and makes one call at a time', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.open();
    const release = gate(action);
    const first = ban(queue, entry('192.0.2.1'));
    await settle();
    const wave = manyHosts(10_000).map((one) => ban(queue, one));
    const rest = unban(queue, '10.0.0.1');
    expect(queue.status().owed).toBe(10_001);
    release();
    await Promise.all([first, ...wave, rest]);
    expect(action.calls).toEqual(['open', 'ban 192.0.2.1/32', 'unban 10.0.0.1/32', 'ban 9999 networks']);
    expect(action.most).toBe(1);
  });

  it('puts wishes that are added in one tick into one batch', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await Promise.all(['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((text) => ban(queue, entry(text))));
    expect(action.calls).toEqual(['open', 'ban 192.0.2.1/32 192.0.2.2/32 192.0.2.3/32']);
  });

  it('unbans a network whose ban ended before it was set, and sets a ban that has one millisecond left', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    const now = Date.now();
    await ban(queue, { network: network('192.0.2.1'), until: now }, { network: network('192.0.2.2'), until: now + 1 });
    expect(action.calls).toEqual(['open', 'unban 192.0.2.1/32', 'ban 192.0.2.2/32']);
  });

  it('leaves out networks that the action does not cover', async () => {
    const action = Object.assign(new RecordingAction(), { covers: (one: string) => !one.includes(':') });
    const { queue } = queueFor(action);
    const wanted = [entry('192.0.2.1'), entry('2001:db8::1')];
    await queue.sync(() => wanted);
    await ban(queue, entry('2001:db8::2'));
    await queue.sync(() => wanted);
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32', 'check']);
    expect(queue.status()).toMatchObject({ drift: 0, owed: 0 });
  });
});

describe('an action that fails', () => {
  it('is reported once, and its bans are tried again after growing pauses until it works', async () => {
    const action = new RecordingAction();
    const { queue, log } = queueFor(action);
    const began = Date.now();
    action.failure = down;
    await queue.open();
    await ban(queue, entry('192.0.2.1'), entry('192.0.2.2'));
    await ban(queue, entry('192.0.2.3'));
    await unban(queue, '192.0.2.2');
    const fails = { state: 'failing', works: false, owed: 3, lastError: down.message, since: new Date(began).toISOString() };
    expect(queue.status()).toEqual({ ...WELL, name: 'recording', ...fails });
    const tries: number[] = [];
    for (const millis of [999, 1, 1999, 1, 2999]) {
      await wait(millis);
      tries.push(action.calls.length);
    }
    expect(tries).toEqual([1, 2, 2, 3, 3]);
    action.failure = undefined;
    await wait(1);
    expect(queue.status()).toMatchObject({ state: 'ok', owed: 0, lastError: null });
    expect([...action.held.keys()]).toEqual(['192.0.2.1/32', '192.0.2.3/32']);
    expect(log.lines).toEqual([
      `error: recording: ${down.message}; changes are pending, next try in 1s`,
      'notice: recording: works again',
    ]);
  });

  it('keeps an unban that arrives while the ban of the network fails', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.open();
    const release = gate(action);
    action.failure = down;
    const banned = ban(queue, entry('192.0.2.1'), entry('192.0.2.2'));
    await settle();
    void unban(queue, '192.0.2.1');
    release();
    await banned;
    action.failure = undefined;
    await wait(1000);
    expect(action.calls.slice(-2)).toEqual(['unban 192.0.2.1/32', 'ban 192.0.2.2/32']);
    expect([...action.held.keys()]).toEqual(['192.0.2.2/32']);
  });

  it('is opened again before the next call, because another program may have removed the table', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.open();
    action.failure = down;
    await ban(queue, entry('192.0.2.1'));
    action.failure = undefined;
    await wait(1000);
    expect(action.calls).toEqual(['open', 'ban 192.0.2.1/32', 'open', 'ban 192.0.2.1/32']);
  });

  it('reports all wanted bans as pending after a failed sync', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    action.failure = down;
    const ledger: { wanted: Wanted } = { wanted: () => manyHosts(7) };
    await queue.sync((most) => ledger.wanted(most));
    expect(queue.status().owed).toBe(7);
    ledger.wanted = (most) => ({ sample: manyHosts(3), count: most + 1 });
    expect(queue.status().owed).toBe(1001);
    ledger.wanted = () => {
      throw new Error('closed');
    };
    await ban(queue, entry('192.0.2.1'));
    expect(queue.status().owed).toBe(1);
    ledger.wanted = () => [];
  });

  it('sets and lifts single bans between syncs that fail for ever', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.open();
    await ban(queue, entry('192.0.2.1'));
    action.replace = () => Promise.reject(down);
    await queue.sync(() => [entry('192.0.2.1')]);
    await ban(queue, entry('192.0.2.2'));
    await unban(queue, '192.0.2.1');
    await wait(1000);
    expect([...action.held.keys()]).toEqual(['192.0.2.2/32']);
    expect(queue.status()).toMatchObject({ state: 'failing', lastError: down.message });
    const { length } = action.calls;
    await wait(2000);
    expect(action.calls.slice(length)).toEqual(['open']);
  });

  it('still sets a wished ban when the sync that included it fails', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.open();
    action.replace = () => Promise.reject(down);
    const synced = queue.sync(() => [entry('192.0.2.1'), entry('192.0.2.2')]);
    void ban(queue, entry('192.0.2.2'));
    await synced;
    await wait(1000);
    expect([...action.held.keys()]).toEqual(['192.0.2.2/32']);
  });

  it('keeps a wish that arrives during a failing sync', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.open();
    const release = gate(action);
    const ledger = [entry('192.0.2.1')];
    const synced = queue.sync(() => ledger);
    await settle();
    ledger.push(entry('192.0.2.2'));
    void ban(queue, ...ledger.slice(1));
    action.failure = down;
    release();
    await synced;
    expect(queue.status()).toMatchObject({ state: 'failing', owed: 2 });
    action.failure = undefined;
    await wait(1000);
    expect([...action.held.keys()]).toEqual(['192.0.2.1/32', '192.0.2.2/32']);
    expect(queue.status()).toMatchObject({ state: 'ok', owed: 0 });
  });
});

describe('an element that is refused', () => {
  it('F05: is reported as pending, does not delay other elements, and is tried again', async () => {
    const action = new RecordingAction();
    const { queue, log } = queueFor(action);
    action.refuses.add(network('192.0.2.1'));
    await ban(queue, entry('192.0.2.1'), entry('192.0.2.2'));
    await ban(queue, entry('192.0.2.3'));
    expect([...action.held.keys()]).toEqual(['192.0.2.2/32', '192.0.2.3/32']);
    const since = new Date().toISOString();
    const status = { ...WELL, name: 'recording', state: 'failing', owed: 1, lastError: 'no room (192.0.2.1)', since };
    expect(queue.status()).toEqual(status);
    expect(log.lines).toEqual(['warn: recording: no room (192.0.2.1); not in force, will be tried again']);
    await wait(1000);
    expect(queue.status()).toEqual(status);
    action.refuses.clear();
    await wait(1999);
    expect(queue.status()).toEqual(status);
    await wait(1);
    expect(action.held.size).toBe(3);
    expect(queue.status()).toMatchObject({ state: 'ok', owed: 0, lastError: null });
  });

  it('is banned for ever when a refused ban for ever is accepted later', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    action.refuses.add(network('192.0.2.1'));
    await ban(queue, entry('192.0.2.1', 'forever'));
    action.refuses.clear();
    await wait(1000);
    expect([...action.held]).toEqual([['192.0.2.1/32', null]]);
  });

  it('does not count as drift while it waits to be tried again', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    action.refuses.add(network('192.0.2.1'));
    const both = [entry('192.0.2.1'), entry('192.0.2.2')];
    await queue.sync(() => both);
    await queue.sync(() => both);
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32 192.0.2.2/32', 'check']);
    expect(queue.status()).toMatchObject({ drift: 0, owed: 1 });
  });
});

const asked = (): readonly Entry[] => [entry('192.0.2.1'), entry('192.0.2.2', 'forever')];

describe('a sync', () => {
  it('B14: replaces all bans in one call if it is the first sync, whatever the firewall holds', async () => {
    const action = new RecordingAction();
    action.held.set(network('203.0.113.9'), null);
    const { queue, log } = queueFor(action);
    await queue.open();
    await queue.sync(() => manyHosts(20_000));
    expect(action.calls).toEqual(['open', 'replace 20000 networks']);
    expect(action.held.size).toBe(20_000);
    expect([queue.status().drift, log.lines]).toEqual([0, []]);
  });

  it('reads the wanted bans when it runs, not when it is requested, and drops the wishes that waited until then', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    const release = gate(action);
    const ledger: Entry[] = [entry('192.0.2.1')];
    void queue.open();
    const synced = queue.sync(() => ledger);
    ledger.push(entry('192.0.2.2'));
    void ban(queue, ...ledger.slice(1));
    release();
    await synced;
    await settle();
    expect(queue.status()).toMatchObject({ state: 'ok', owed: 0 });
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32 192.0.2.2/32']);
  });

  it('makes no change when the firewall holds the wanted bans', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.sync(asked);
    await queue.sync(asked);
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32 192.0.2.2/32', 'check']);
  });

  it('F01: repairs changes by another program, and counts the differences', async () => {
    const action = new RecordingAction();
    const { queue, log } = queueFor(action);
    await queue.sync(asked);
    action.held.clear();
    action.held.set(network('203.0.113.9'), null);
    await queue.sync(asked);
    expect([...action.held.keys()]).toEqual(['192.0.2.1/32', '192.0.2.2/32']);
    expect(queue.status().drift).toBe(3);
    expect(log.lines).toEqual(['warn: recording: 2 bans were missing and 1 were too many; correcting the firewall']);
    expect(action.calls.slice(2)).toEqual(['check', 'open', 'replace 192.0.2.1/32 192.0.2.2/32']);
  });

  it('leaves a network without a ban in the firewall while it cannot be recorded', async () => {
    const action = new RecordingAction();
    const kept: Entry[] = [{ network: network('203.0.113.9'), until: null }];
    const { queue } = queueFor(action, () => kept.splice(0));
    await queue.sync(asked);
    action.held.set(network('203.0.113.9'), null);
    await queue.sync(asked);
    expect([...action.held.keys()].toSorted()).toEqual(['192.0.2.1/32', '192.0.2.2/32', '203.0.113.9/32']);
    await queue.sync(asked);
    expect([...action.held.keys()].toSorted()).toEqual(['192.0.2.1/32', '192.0.2.2/32']);
  });

  it('does not count pending changes or bans that are about to end as drift', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.sync(asked);
    const release = gate(action);
    const ending = { network: network('192.0.2.3'), until: Date.now() + 1000 };
    const synced = queue.sync(() => [...asked().slice(1), ending, entry('192.0.2.4')]);
    await settle();
    expect(action.calls.at(-1)).toBe('check');
    const changes = [ban(queue, entry('192.0.2.4')), unban(queue, '192.0.2.1')];
    release();
    await Promise.all([synced, ...changes]);
    expect(queue.status().drift).toBe(0);
    expect(action.calls.slice(2)).toEqual(['check', 'unban 192.0.2.1/32', 'ban 192.0.2.4/32']);
  });

  it('leaves out bans that end before the wanted bans are known', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    const now = Date.now();
    await queue.sync(() => {
      // The ledger needs a second to answer.
      vi.setSystemTime(now + 1000);
      return [
        ...asked(),
        { network: network('192.0.2.8'), until: now + 1000 },
        { network: network('192.0.2.9'), until: now + 1001 },
      ];
    });
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32 192.0.2.2/32 192.0.2.9/32']);
  });

  it('replaces all bans each time when the firewall cannot be listed', async () => {
    const action = Object.assign(new RecordingAction(), { check: async () => ({ kind: 'unknown' as const }) });
    const { queue, log } = queueFor(action);
    await queue.sync(asked);
    await queue.sync(asked);
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32 192.0.2.2/32', 'replace 192.0.2.1/32 192.0.2.2/32']);
    expect([queue.status().drift, log.lines]).toEqual([0, []]);
  });

  it('replaces all bans on request, including bans outside of the sample and bans with a changed end', async () => {
    const action = new RecordingAction('recording', { listable: 1000 });
    const { queue } = queueFor(action);
    await ban(queue, entry('192.0.2.7'), entry('192.0.2.8'));
    const all = [entry('192.0.2.7', 'forever')];
    const sampled: Wanted = (most) => (most === Infinity ? all : { sample: all, count: 30_000 });
    await queue.sync(sampled);
    await ban(queue, entry('192.0.2.7'), entry('192.0.2.8'));
    await queue.sync(sampled);
    expect([...action.held.keys()]).toEqual(['192.0.2.7/32', '192.0.2.8/32']);
    action.failure = down;
    void queue.sync(sampled, true);
    await settle();
    action.failure = undefined;
    await wait(1000);
    expect([...action.held]).toEqual([['192.0.2.7/32', null]]);
  });

  it('B10: looks up a sample when there are too many bans to list, and sets all bans when a ban of the sample is missing', async () => {
    const action = new RecordingAction('recording', { listable: 100 });
    const { queue } = queueFor(action);
    const hosts = manyHosts(1000);
    let from = 0;
    const many: Wanted = (most) => {
      if (hosts.length <= most) return hosts;
      from += 10;
      return { sample: hosts.slice(from - 10, from), count: hosts.length };
    };
    await queue.sync(many);
    await queue.sync(many);
    action.held.delete(network('10.0.0.15'));
    await queue.sync(many);
    expect(action.calls.map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
      'open',
      'replace 1000 networks',
      'look up 10.0.0.1/32',
      'open',
      'look up 10.0.0.11/32',
      'open',
      'replace 1000 networks',
    ]);
    expect(action.held.size).toBe(1000);
    expect(queue.status()).toMatchObject({ drift: 1, owed: 0, state: 'ok' });
  });

  it('renews a ban that is longer than the longest ban time of a firewall, before the firewall lifts it', async () => {
    const action = new RecordingAction('ipset', { horizon: 10_000 });
    const { queue } = queueFor(action);
    const end = Date.now() + 50_000;
    const far = (): readonly Entry[] => [{ network: network('192.0.2.1'), until: end }];
    await queue.sync(far);
    vi.setSystemTime(Date.now() + 4999);
    await queue.sync(far);
    expect(action.calls).toEqual(['open', 'replace 192.0.2.1/32', 'check']);
    vi.setSystemTime(Date.now() + 1);
    await queue.sync(() => [{ network: network('192.0.2.1'), until: Date.now() + 3000 }]);
    expect(action.calls.at(-1)).toBe('check');
    await queue.sync(far);
    expect(action.calls.at(-1)).toBe('replace 192.0.2.1/32');
    await queue.sync(far);
    expect(action.calls.at(-1)).toBe('check');
  });
});

const one = (): readonly Entry[] => [entry('192.0.2.1')];

describe('a reported change of the firewall', () => {
  it('F01: starts a comparison and a repair before the next sync', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.sync(one);
    await wait(200);
    action.held.clear();
    action.ring();
    await wait(49);
    expect(action.held.size).toBe(0);
    await wait(1);
    expect(action.held.size).toBe(1);
    expect(queue.status().drift).toBe(1);
  });

  it('has no effect before the first sync, and after the queue is closed', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    action.ring();
    await queue.open();
    action.ring();
    await wait(10_000);
    await queue.close();
    action.ring();
    await wait(10_000);
    expect(action.calls).toEqual(['open', 'close']);
  });

  it('starts one further comparison after a delay if Trapline made the change', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.sync(one);
    await wait(200);
    const replace = action.replace.bind(action);
    action.replace = (entries) => {
      action.ring();
      return replace(entries);
    };
    action.held.clear();
    action.ring();
    await wait(50);
    expect(action.calls.slice(2)).toEqual(['check', 'open', 'replace 192.0.2.1/32']);
    await wait(4999);
    expect(action.calls).toHaveLength(5);
    await wait(1);
    await wait(60_000);
    expect(action.calls.slice(5)).toEqual(['check']);
    expect(queue.status().drift).toBe(1);
  });
});

describe('closing a queue', () => {
  it('waits for the running call and the waiting calls, then closes the action and accepts no more work', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.open();
    const release = gate(action);
    void ban(queue, entry('192.0.2.1'));
    await settle();
    void unban(queue, '192.0.2.2');
    const closed = queue.close();
    await wait(999);
    release();
    await closed;
    await ban(queue, entry('192.0.2.3'));
    await queue.sync(() => []);
    await queue.open();
    expect(action.calls).toEqual(['open', 'ban 192.0.2.1/32', 'unban 192.0.2.2/32', 'close']);
  });

  it('aborts a hanging action after a second', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.open();
    const release = gate(action);
    void ban(queue, entry('192.0.2.1'));
    const closed = queue.close();
    await wait(999);
    expect(action.calls.at(-1)).toBe('ban 192.0.2.1/32');
    await wait(1);
    expect(action.calls.at(-1)).toBe('close');
    release();
    await closed;
  });

  it('stops further tries and accepts no more work', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    action.failure = down;
    await ban(queue, entry('192.0.2.1'));
    action.failure = undefined;
    await queue.close();
    await ban(queue, entry('192.0.2.2'));
    await queue.sync(() => []);
    await wait(60_000);
    expect(action.calls).toEqual(['open', 'close']);
  });

  it('reports an action that cannot be closed', async () => {
    const action = Object.assign(new RecordingAction(), { close: () => Promise.reject(down) });
    const { queue, log } = queueFor(action);
    await queue.close();
    expect(log.lines).toEqual([`warn: recording: ${down.message}`]);
  });
});

/** The bans of an IPv4 client and an IPv6 client. */
const bothFamilies: Wanted = () => [entry('192.0.2.7'), entry('2001:db8::/64')];

describe('a look at one network', () => {
  it('makes one comparison, reports whether the firewall held the network, and repairs the firewall', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.sync(bothFamilies);
    action.calls.length = 0;
    expect(await queue.look(network('192.0.2.7'))).toBe('held');
    expect(action.calls).toEqual(['check']);
    action.held.delete(network('192.0.2.7'));
    expect(await queue.look(network('192.0.2.7'))).toBe('lacked');
    expect(action.held.has(network('192.0.2.7'))).toBe(true);
    expect(queue.status().drift).toBe(1);
  });

  it('looks the network up when the firewall has too many bans to list', async () => {
    const action = new RecordingAction('recording', { listable: 1 });
    const { queue } = queueFor(action);
    const all = [entry('192.0.2.7'), entry('192.0.2.8')];
    await queue.sync((most) => (most < 2 ? { sample: all.slice(1), count: 2 } : all));
    expect(await queue.look(network('192.0.2.7'))).toBe('held');
    expect(action.calls).toContain('look up 192.0.2.8/32 192.0.2.7/32');
    action.held.delete(network('192.0.2.7'));
    expect(await queue.look(network('192.0.2.7'))).toBe('lacked');
    expect(action.held.has(network('192.0.2.7'))).toBe(true);
  });

  it('has the answer "owed" while the action fails, and when the ban was refused', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    action.refuses.add(network('192.0.2.7'));
    await queue.sync(bothFamilies);
    expect(await queue.look(network('192.0.2.7'))).toBe('owed');
    action.failure = down;
    expect(await queue.look(network('2001:db8::/64'))).toBe('owed');
    action.calls.length = 0;
    expect(await queue.look(network('2001:db8::/64'))).toBe('owed');
    expect(action.calls).toEqual([]);
  });

  it('does not ask the firewall about a network that the action does not cover', async () => {
    const action = Object.assign(new RecordingAction(), { covers: () => false });
    const { queue } = queueFor(action);
    await queue.sync(bothFamilies);
    expect(await queue.look(network('2001:db8::/64'))).toBe('not covered');
  });
});

const owes = (queue: ActionQueue, ...texts: string[]) => texts.map((text) => queue.owes(network(text)));

describe('the question why a change is not carried out yet', () => {
  it('has no reason for a firewall that works, and the reason null during a call', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.open();
    const release = gate(action);
    const banned = ban(queue, entry('192.0.2.1'));
    await settle();
    expect(owes(queue, '192.0.2.1', '192.0.2.2')).toEqual([null, undefined]);
    release();
    await banned;
    expect(owes(queue, '192.0.2.1')).toEqual([undefined]);
  });

  it('A2: has the error as reason for bans and unbans that fail', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.sync(() => [entry('192.0.2.1')]);
    action.failure = down;
    await ban(queue, entry('192.0.2.2'));
    await unban(queue, '192.0.2.1');
    expect(owes(queue, '192.0.2.1', '192.0.2.2', '192.0.2.3')).toEqual([down.message, down.message, undefined]);
  });

  it('A2: has the error as reason for every ban while the first sync fails', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    action.failure = down;
    await queue.sync(() => manyHosts(7));
    expect(owes(queue, '10.0.0.1')).toEqual([down.message]);
    action.failure = undefined;
    await wait(1000);
    expect(owes(queue, '10.0.0.1')).toEqual([undefined]);
  });

  it('has no reason for bans that a firewall held before it could not be compared any more', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.sync(asked);
    action.check = () => Promise.reject(down);
    await queue.sync(asked);
    expect(queue.status()).toMatchObject({ state: 'failing', works: false, owed: 0 });
    expect(owes(queue, '192.0.2.1')).toEqual([undefined]);
  });

  it('has the error as reason for the bans that a comparison has missed and that cannot be set again', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    await queue.sync(asked);
    action.held.delete(network('192.0.2.1'));
    action.replace = () => Promise.reject(down);
    await queue.sync(asked);
    expect(queue.status()).toMatchObject({ works: false, owed: 1 });
    expect(owes(queue, '192.0.2.1', '192.0.2.2')).toEqual([down.message, undefined]);
  });

  it('has the reason of the firewall for a ban that it refuses, and no reason for other bans', async () => {
    const action = new RecordingAction();
    const { queue } = queueFor(action);
    action.refuses.add(network('192.0.2.1'));
    await ban(queue, entry('192.0.2.1'), entry('192.0.2.2'));
    expect(queue.status()).toMatchObject({ state: 'failing', works: true });
    expect(owes(queue, '192.0.2.1', '192.0.2.2')).toEqual(['no room (192.0.2.1)', undefined]);
  });

  it('has no reason for a network that the action does not cover', async () => {
    const action = Object.assign(new RecordingAction(), { covers: () => false });
    const { queue } = queueFor(action);
    action.failure = down;
    await queue.sync(asked);
    expect(owes(queue, '192.0.2.1')).toEqual([undefined]);
  });
});
