import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, type Config } from '../../../src/config/load.ts';
import {
  buildAllowList,
  buildMatcher,
  buildSwappable,
  loadActions,
  openLedger,
  openSources,
  restoreWindows,
  withNames,
} from '../../../src/daemon/rooms/build.ts';
import type { Ledger } from '../../../src/ledger/record.ts';
import type { Batch } from '../../../src/words/walk.ts';
import { hit } from '../../support/decision/words.ts';
import { recordingLog } from '../../support/daemon/desk.ts';
import { hitLine } from '../../support/filters/lines.ts';

const NOW = Date.parse('2026-11-25T08:00:00Z');
const DAY = 86_400_000;

let folder: string;
let now: number;
const at = (name: string): string => join(folder, name);
const ports = { log: recordingLog().log, clock: () => now };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-build-'));
  now = NOW;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function configOf(text: string): Config {
  writeFileSync(at('trapline.yaml'), `state: ${at('trapline.db')}\n${text}`);
  return loadConfig(at('trapline.yaml'));
}

const batch = (source: string, line = hitLine({ client: 'unknown[203.0.113.7]' })): Batch => ({
  source,
  bytes: Buffer.from(`${line}\n`),
  at: NOW,
  cursor: undefined,
});

describe('the matcher of a configuration', () => {
  it('loads a filter once for many jails, and again for other settings', () => {
    const jails = (count: number, rest = ''): Config =>
      configOf(`jails:\n${Array.from({ length: count }, (_, index) => `  jail-${index}: { ${rest} }`).join('\n')}`);
    const timeOf = (config: Config): number => {
      const began = performance.now();
      buildMatcher(config, ports.log);
      return performance.now() - began;
    };
    timeOf(jails(1));
    const one = Math.min(...[1, 2, 3].map(() => timeOf(jails(1))));
    expect(timeOf(jails(500))).toBeLessThan(100 * one);
    const other = configOf('jails: { one: {}, other: { text: triggers mousetrap } }');
    expect(
      buildMatcher(other, ports.log)
        .match(batch('/a'))
        .map(({ jail }) => jail),
    ).toEqual(['one']);
  });

  it('finds hits only in lines with a Postfix name of the configuration', () => {
    const [usual, own] = [hitLine(), hitLine().replace('postfix/', 'mail-in/')];
    const found = (text: string): readonly number[] =>
      [usual, own].map((line) => buildMatcher(configOf(text), ports.log).match(batch('/a', line)).length);
    expect(found('')).toEqual([1, 0]);
    expect(found('syslog_names: mail-in\n')).toEqual([0, 1]);
    expect(found('syslog_names: [mail*, postfix]\n')).toEqual([1, 1]);
  });

  it('gets the Postfix names from Postfix if the configuration has none', async () => {
    expect((await withNames(configOf('syslog_names: [mail]\n'), ports)).syslogNames).toEqual(['mail']);
    expect((await withNames(configOf(''), ports)).syslogNames).toContain('postfix*');
  });

  const TWO = `sources: [/var/log/one.log, /var/log/two.log]
jails:
  one: {sources: [/var/log/one.log]}
  both: {}
`;

  it('in a daemon, matches a line only for the jails that use the source of the line', () => {
    const matcher = buildMatcher(configOf(TWO), ports.log, 'sources');
    const jails = (source: string): readonly string[] => matcher.match(batch(source)).map(({ jail }) => jail);
    expect(jails('file:/var/log/one.log').toSorted()).toEqual(['both', 'one']);
    expect(jails('file:/var/log/two.log')).toEqual(['both']);
  });

  it('matches every line of an old log for every jail', () => {
    const matcher = buildMatcher(configOf(TWO), ports.log);
    expect(
      matcher
        .match(batch('/tmp/old.log'))
        .map(({ jail }) => jail)
        .toSorted(),
    ).toEqual(['both', 'one']);
  });
});

describe('the allow-list of a configuration', () => {
  it('names the place of an unusable entry, in the defaults and in a jail', () => {
    const inDefaults = configOf(`defaults: {ignoreip: [${at('none')}]}\n`);
    expect(() => buildAllowList(inDefaults, ports.clock)).toThrow(`${at('trapline.yaml')}:2:`);
    writeFileSync(at('some'), '198.51.100.7\n');
    const inJail = configOf(`defaults: {ignoreip: [${at('some')}]}\njails:\n  mine:\n    ignoreip: [${at('none')}]\n`);
    expect(() => buildAllowList(inJail, ports.clock)).toThrow(`${at('trapline.yaml')}:5:`);
  });
});

describe('the actions of a configuration', () => {
  it('are loaded in their order without being opened', () => {
    expect(loadActions(configOf('actions: [nftables, print]\n'), ports).map(({ name }) => name)).toEqual(['nftables', 'print']);
  });

  it('are refused with the nearest known name when a name is unknown', () => {
    expect(() => loadActions(configOf('actions: [prnt]\n'), ports)).toThrow(/"prnt".*"print"/);
  });
});

/** The verdict `spare` for a hit of the time `ago` milliseconds before NOW. */
const judged = (key: string, ago: number) => ({
  kind: 'spare' as const,
  hit: { ...hit('203.0.113.7'), key, at: NOW - ago },
  because: 'test',
});

/** The number of past offences of the client 203.0.113.7 after a purge. Closes the ledger. */
const offencesAfterPurge = (ledger: Ledger): number => {
  ledger.expired();
  ledger.purge();
  const [past] = ledger.past([{ network: '203.0.113.7/32' as never, jail: 'spamtrap' }]);
  ledger.close();
  return past?.offences ?? -1;
};

describe('the ledger of a configuration', () => {
  it('keeps hits for the retention of the configuration', async () => {
    const config = configOf('hit_retention: 1d\n');
    const ledger = await openLedger(config, { ...ports, scopes: () => [] });
    ledger.recordStrictly([judged('1', DAY / 2), judged('2', 2 * DAY)]);
    expect(ledger.counts().hits).toBe(1);
    ledger.close();
  });

  it('remembers an offence for the longest bantime_forget, but at least for 90 days', async () => {
    for (const [forget, days] of [
      ['10d', 90],
      ['200d', 200],
    ] as const) {
      const config = { ...configOf(`defaults: {bantime_forget: ${forget}}\n`), state: at(`${forget}.db`) };
      // Each time the ledger is opened anew, because a clock that is set forward while it is open may be set back.
      const openAt = (time: number): Promise<Ledger> => {
        now = time;
        return openLedger(config, { ...ports, scopes: () => [] });
      };
      const ban = {
        network: '203.0.113.7/32',
        jail: 'spamtrap',
        since: NOW,
        until: NOW + 1000,
        offence: 1,
        origin: 'log',
        reason: 'test',
      } as never;
      const ledger = await openAt(NOW);
      ledger.recordStrictly([{ kind: 'ban', hit: { ...hit('203.0.113.7'), at: NOW }, ban }]);
      ledger.close();
      expect(offencesAfterPurge(await openAt(NOW + days * DAY - 1000))).toBe(1);
      expect(offencesAfterPurge(await openAt(NOW + days * DAY + 10_000))).toBe(0);
    }
  });
});

describe('the hits that a judge gets from the ledger at a start', () => {
  it('are the hits within findtime of the jails with a maxretry above 1', async () => {
    const config = configOf('defaults: {maxretry: 3, findtime: 10m}\n');
    const ledger = await openLedger({ ...config, state: ':memory:' }, { ...ports, scopes: () => [] });
    const first = buildSwappable(config, [], ports);
    const old = { ...hit('203.0.113.7'), at: NOW - 11 * 60_000, key: 'old' };
    const recent = { ...hit('203.0.113.7'), at: NOW - 60_000, key: 'recent' };
    ledger.recordStrictly(first.judge.decide([old, recent], ledger.past));
    const second = buildSwappable(config, [], ports);
    restoreWindows(second, ledger, NOW);
    const [verdict] = second.judge.decide([{ ...hit('203.0.113.7'), at: NOW, key: 'now' }], ledger.past);
    expect(verdict).toMatchObject({ kind: 'watch', count: 2 });
    ledger.close();
  });
});

describe('the sources of a configuration', () => {
  it('are opened in their order', async () => {
    const sources = await openSources(configOf('sources: [/var/log/b.log, /var/log/a.log]\n'), ports);
    expect(sources.map(({ name }) => name)).toEqual(['file:/var/log/b.log', 'file:/var/log/a.log']);
  });
});

describe('an invalid option of a jail', () => {
  it.each([
    ['jails:\n  mine:\n    enabled: true\n    filter:       mine\n', '5:19: unknown filter "mine", known are '],
    ['jails:\n  a: {filter: postfix-spamtrp}\n', '3:15: unknown filter "postfix-spamtrp", did you mean "postfix-spamtrap"?'],
    ['jails:\n  a: {filter: /nowhere.yaml}\n', '3:15: /nowhere.yaml: there is no such file'],
    [
      'jails:\n  a: {rules: {data: true, clinet: true}}\n',
      '3:27: filter "postfix-spamtrap" has no rule "clinet", did you mean "client"?',
    ],
    ['defaults:\n  ignoreip: [192.0.2.1]\njails:\n  a: {ignoreip: [192.0.2.1, /nowhere]}\n', '5:29: /nowhere: cannot be read: '],
  ])('is refused with its place: %j', (text, message) => {
    expect(() => buildSwappable(configOf(text), [], ports)).toThrow(`${at('trapline.yaml')}:${message}`);
  });
});

describe('an invalid action', () => {
  it.each([
    ['actions: nftable\n', '2:10: unknown action "nftable", did you mean "nftables"?'],
    [
      'actions:\n  - print\n  - {type: nftables, prots: [25]}\n',
      '4:22: action nftables: unknown option "prots", did you mean "ports"?',
    ],
    ['actions: {type: nftables, table: "a b"}\n', '2:34: action nftables: "table" cannot be "a b", it must be a name'],
    ['actions: [{type: print, port: 25}]\n', '2:25: action print: unknown option "port", known are none'],
  ])('is refused with its place: %j', (text, message) => {
    expect(() => loadActions(configOf(text), ports)).toThrow(`${at('trapline.yaml')}:${message}`);
  });
});

describe('openLedger', () => {
  it('waits five seconds for another writer, and then refuses the ledger', async () => {
    const config = configOf('');
    const rooms = { ...ports, scopes: () => [] };
    const ledger = await openLedger(config, rooms);
    await expect(openLedger(config, rooms)).rejects.toThrow(`${at('trapline.db')}: another trapline writes to it, `);
    const waiting = openLedger(config, { ...rooms, busyTimeout: 10 });
    ledger.close();
    (await waiting).close();
  }, 20_000);
});

describe('a reload', () => {
  it('matches the lines of a source only for the jails that use the source', () => {
    const config = configOf('sources: [/a, /b]\njails: {one: {sources: [/a]}, both: {}, two: {sources: [/b]}}\n');
    const { matcher } = buildSwappable(config, [], ports);
    const jails = ['file:/a', 'file:/b'].map((source) => matcher.match(batch(source)).map(({ jail }) => jail));
    expect(jails).toEqual([
      ['one', 'both'],
      ['both', 'two'],
    ]);
  });

  it('logs one line about an option that is written with its former name', () => {
    const { log, lines } = recordingLog();
    const notice = 'f:3:3: "maxretries" is the former name of "maxretry" and still works; write "maxretry"';
    buildSwappable({ ...configOf(''), notices: [notice] }, [], { ...ports, log });
    expect(lines).toEqual([notice]);
  });
});
