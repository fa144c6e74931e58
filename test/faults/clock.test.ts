import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/faults-daemon.mjs';
import { Inside } from '../support/faults-inside.ts';
import { root } from '../support/privileges.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Within twenty seconds of a span. */
const about =
  (duration: number) =>
  (actual: number): boolean =>
    Math.abs(actual - duration) < 20 * SECOND;

describe.runIf(root)('a clock that is set while the daemon runs', () => {
  let daemon: Inside;

  beforeEach(() => {
    daemon = new Inside();
  });
  afterEach(() => daemon.remove());

  const ban = (client: string, duration: number): Promise<unknown> => daemon.controls.ban({ networks: [client], duration });
  /** What is left of each ban by the daemon's clock (milliseconds). */
  const left = (client: string): number => {
    const row = daemon.bans().find(({ network }) => network === client);
    return row?.until ? Date.parse(row.until) - Date.now() - daemon.ahead : Number.NaN;
  };
  const said =
    (text: string): (() => boolean) =>
    () =>
      daemon.lines.some((line) => line.includes(text));
  const clients = (): readonly string[] => [...daemon.firewall().keys()].toSorted();

  it('T13: back by an hour leaves what was left of each ban, in ledger and firewall', async () => {
    await daemon.start('sync: 1s');
    await ban('203.0.113.1', 2 * HOUR);
    await ban('203.0.113.2', 4 * SECOND);
    daemon.hit('203.0.113.3');
    await eventually('three bans', () => daemon.firewall().size === 3);
    daemon.ahead = -HOUR;
    daemon.hit('203.0.113.4');
    await eventually('the step is seen', said('the clock was set back by'));
    await eventually('four bans', () => daemon.bans().length === 4);
    expect(left('203.0.113.1')).toSatisfy(about(2 * HOUR));
    expect(left('203.0.113.3')).toSatisfy(about(HOUR));
    expect(left('203.0.113.4')).toSatisfy(about(HOUR));
    await eventually('the short ban is over', said('manual: unban 203.0.113.2'));
    await sleep(1500); // A sync.
    expect(clients()).toEqual(['203.0.113.1', '203.0.113.3', '203.0.113.4']);
    for (const [client, seconds] of [
      ['203.0.113.1', 7200],
      ['203.0.113.3', 3600],
      ['203.0.113.4', 3600],
    ] as const)
      expect((daemon.firewall().get(client) ?? 0) * SECOND).toSatisfy(about(seconds * SECOND));
    expect(daemon.controls.status().actions[0]).toMatchObject({ drift: 0, owed: 0, state: 'ok' });
    expect(daemon.lines.filter((line) => line.includes('unban'))).toHaveLength(1);
  });

  it('T13: forward by an hour ends what is over by the new time, and nothing else', async () => {
    await daemon.start('sync: 1s');
    await ban('203.0.113.1', 2 * HOUR);
    await ban('203.0.113.2', 30 * MINUTE);
    daemon.hit('203.0.113.3');
    await eventually('three bans', () => daemon.firewall().size === 3);
    daemon.ahead = HOUR;
    await eventually('those of an hour and less are lifted', () => daemon.firewall().size === 1);
    expect(clients()).toEqual(['203.0.113.1']);
    expect(left('203.0.113.1')).toSatisfy(about(HOUR));
    daemon.hit('203.0.113.3');
    await eventually('the next offence', () => daemon.bans().some(({ offence }) => offence === 2));
    expect(left('203.0.113.3')).toSatisfy(about(2 * HOUR));
    await sleep(1500); // A sync.
    expect(clients()).toEqual(['203.0.113.1', '203.0.113.3']);
    expect(daemon.controls.status().actions[0]).toMatchObject({ drift: 0, owed: 0, state: 'ok' });
  });

  it('T13: back and forth leaves the daemon as it was', async () => {
    await daemon.start('sync: 1s');
    await ban('203.0.113.1', 2 * HOUR);
    daemon.ahead = -HOUR;
    await eventually('the step is seen', said('the clock was set back by'));
    daemon.ahead = 0;
    await sleep(1500);
    expect(left('203.0.113.1')).toSatisfy(about(2 * HOUR));
    daemon.hit('203.0.113.2');
    await eventually('a hit', () => daemon.bans().length === 2);
    expect(left('203.0.113.2')).toSatisfy(about(HOUR));
    expect(clients()).toEqual(['203.0.113.1', '203.0.113.2']);
  });

  it('writes down where reading stopped, whatever the time is', async () => {
    await daemon.start();
    daemon.ahead = HOUR;
    daemon.hit('203.0.113.1');
    daemon.ahead = -HOUR;
    daemon.hit('203.0.113.2');
    await eventually('both are counted', () => daemon.controls.status().hits === 2);
    expect(
      daemon
        .bans()
        .map(({ network }) => network)
        .toSorted(),
    ).toContain('203.0.113.2');
  });
});
