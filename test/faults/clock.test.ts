import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/faults/daemon.mjs';
import { Inside } from '../support/faults/inside.ts';
import { root } from '../support/privileges.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Matches a span of time with a tolerance of twenty seconds. */
const about =
  (duration: number) =>
  (actual: number): boolean =>
    Math.abs(actual - duration) < 20 * SECOND;

describe.runIf(root)('a daemon whose clock is set while it runs', () => {
  let daemon: Inside;

  beforeEach(() => {
    daemon = new Inside();
  });
  afterEach(() => daemon.remove());

  const ban = (client: string, duration: number): Promise<unknown> => daemon.daemon.orders.ban({ networks: [client], duration });
  /** The remaining time of a client's ban in milliseconds, by the clock of the daemon. */
  const left = (client: string): number => {
    const row = daemon.bans().find(({ network }) => network === client);
    return row?.until ? Date.parse(row.until) - Date.now() - daemon.ahead : Number.NaN;
  };
  const said =
    (text: string): (() => boolean) =>
    () =>
      daemon.lines.some((line) => line.includes(text));
  const clients = (): readonly string[] => [...daemon.firewall().keys()].toSorted();

  it('T13: keeps the remaining time of each ban in ledger and firewall when the clock is set back by an hour', async () => {
    await daemon.start('sync: 1s');
    await ban('203.0.113.1', 2 * HOUR);
    await ban('203.0.113.2', 4 * SECOND);
    daemon.hit('203.0.113.3');
    await eventually('three bans', () => daemon.firewall().size === 3);
    daemon.ahead = -HOUR;
    daemon.hit('203.0.113.4');
    await eventually('the daemon detects the step', said('the clock was set back by'));
    await eventually('four bans', () => daemon.bans().length === 4);
    expect(left('203.0.113.1')).toSatisfy(about(2 * HOUR));
    expect(left('203.0.113.3')).toSatisfy(about(HOUR));
    expect(left('203.0.113.4')).toSatisfy(about(HOUR));
    await eventually('the short ban is over', said('manual: unban 203.0.113.2'));
    await sleep(1500); // Waits for a sync.
    expect(clients()).toEqual(['203.0.113.1', '203.0.113.3', '203.0.113.4']);
    for (const [client, seconds] of [
      ['203.0.113.1', 7200],
      ['203.0.113.3', 3600],
      ['203.0.113.4', 3600],
    ] as const)
      expect((daemon.firewall().get(client) ?? 0) * SECOND).toSatisfy(about(seconds * SECOND));
    expect(daemon.daemon.reports.status().actions[0]).toMatchObject({ drift: 0, owed: 0, state: 'ok' });
    expect(daemon.lines.filter((line) => line.includes('unban'))).toHaveLength(1);
  });

  it('T13: ends only the bans that are over by the new time when the clock is set forward by an hour', async () => {
    await daemon.start('sync: 1s');
    await ban('203.0.113.1', 2 * HOUR);
    await ban('203.0.113.2', 30 * MINUTE);
    daemon.hit('203.0.113.3');
    await eventually('three bans', () => daemon.firewall().size === 3);
    daemon.ahead = HOUR;
    await eventually('the two shorter bans are lifted', () => daemon.firewall().size === 1);
    expect(clients()).toEqual(['203.0.113.1']);
    expect(left('203.0.113.1')).toSatisfy(about(HOUR));
    daemon.hit('203.0.113.3');
    await eventually('the next offence', () => daemon.bans().some(({ offence }) => offence === 2));
    expect(left('203.0.113.3')).toSatisfy(about(2 * HOUR));
    await sleep(1500); // Waits for a sync.
    expect(clients()).toEqual(['203.0.113.1', '203.0.113.3']);
    expect(daemon.daemon.reports.status().actions[0]).toMatchObject({ drift: 0, owed: 0, state: 'ok' });
  });

  it('T13: changes nothing when the clock is set back and forward again', async () => {
    await daemon.start('sync: 1s');
    await ban('203.0.113.1', 2 * HOUR);
    daemon.ahead = -HOUR;
    await eventually('the daemon detects the step', said('the clock was set back by'));
    daemon.ahead = 0;
    await eventually('the daemon detects the second step', said('the clock was set forward by'));
    expect(left('203.0.113.1')).toSatisfy(about(2 * HOUR));
    daemon.hit('203.0.113.2');
    await eventually('both bans are in the firewall', () => clients().join(' ') === '203.0.113.1 203.0.113.2');
    expect(left('203.0.113.2')).toSatisfy(about(HOUR));
  });

  it('counts hits and bans their clients when the clock is set forward and then back', async () => {
    await daemon.start();
    daemon.ahead = HOUR;
    daemon.hit('203.0.113.1');
    daemon.ahead = -HOUR;
    daemon.hit('203.0.113.2');
    await eventually('both hits are counted', () => daemon.daemon.reports.status().hits === 2);
    expect(
      daemon
        .bans()
        .map(({ network }) => network)
        .toSorted(),
    ).toContain('203.0.113.2');
  });
});
