import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AllowList, type AllowPorts } from '../../src/decision/allowlist.ts';
import { ConfigError } from '../../src/errors.ts';
import { HAND_JAIL } from '../../src/words/walk.ts';
import { address, ban, network, NOON } from '../support/decision/words.ts';

let folder: string;
let now = NOON;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-allow-'));
  now = NOON;
});
afterEach(() => rmSync(folder, { recursive: true }));

const addresses = (): string[] => ['127.0.0.1', '198.51.100.1', '2001:db8:1::1', 'fe80::1'];

/** The allow-list of the jail `spamtrap`, on a machine with the addresses 198.51.100.1 and 2001:db8:1::1. */
function listOf(entries: readonly string[], ports: AllowPorts = {}): AllowList {
  return AllowList.load([{ name: 'spamtrap', ignoreip: entries }], { addresses, clock: () => now, folder, ...ports });
}

const spared = (list: AllowList, client: string): boolean => list.spares(address(client), 'spamtrap') !== undefined;

/** Writes a file whose modification time is `age` milliseconds before now. */
function write(name: string, text: string, age = 10_000): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  utimesSync(path, (now - age) / 1000, (now - age) / 1000);
  return path;
}

const faultOf = (entries: readonly string[], ports: AllowPorts = {}): string => {
  try {
    listOf(entries, ports);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message.replaceAll(folder, 'FOLDER');
    throw thrown;
  }
  return 'no fault';
};

describe('AllowList.spares', () => {
  it.each([
    ['127.0.0.1', '127.0.0.0/8 (loopback)'],
    ['127.255.0.9', '127.0.0.0/8 (loopback)'],
    ['::1', '::1 (loopback)'],
    ['169.254.7.7', '169.254.0.0/16 (link-local)'],
    ['fe80::5', 'fe80::/10 (link-local)'],
    ['0.0.0.0', '0.0.0.0/8 (unspecified)'],
    ['::', ':: (unspecified)'],
    ['224.0.0.1', '224.0.0.0/4 (multicast)'],
    ['ff02::1', 'ff00::/8 (multicast)'],
    ['255.255.255.255', '255.255.255.255 (broadcast)'],
    ['198.51.100.1', "198.51.100.1 (the machine's own address)"],
    ['2001:db8:1::1', "2001:db8:1::1 (the machine's own address)"],
  ])('spares %s without an entry: %s', (client, because) => {
    expect(listOf([]).spares(address(client), 'spamtrap')).toBe(because);
  });

  it.each(['192.0.2.7', '10.0.0.1', '2001:db8:1::2', '198.51.100.2'])('does not spare %s', (client) => {
    expect(listOf([]).spares(address(client), 'spamtrap')).toBeUndefined();
  });

  it('spares addresses, networks and files of ignoreip, and names the entry', () => {
    const path = write('friends.txt', '# friends\n203.0.113.0/24\n2001:db8:f::/48 # v6\n');
    const list = listOf(['192.0.2.7', '10.0.0.0/8', './friends.txt']);
    expect(list.spares(address('192.0.2.7'), 'spamtrap')).toBe('192.0.2.7 (ignoreip)');
    expect(list.spares(address('10.9.8.7'), 'spamtrap')).toBe('10.0.0.0/8 (ignoreip)');
    expect(list.spares(address('203.0.113.77'), 'spamtrap')).toBe(`203.0.113.0/24 (${path}:2)`);
    expect(list.spares(address('2001:db8:f::7'), 'spamtrap')).toBe(`2001:db8:f::/48 (${path}:3)`);
    expect(list.spares(address('192.0.2.8'), 'spamtrap')).toBeUndefined();
  });

  it("spares the address of an entry only in the jail of its list, and the machine's own addresses in all jails", () => {
    const jails = [
      { name: 'one', ignoreip: ['192.0.2.7'] },
      { name: 'two', ignoreip: [] },
    ];
    const list = AllowList.load(jails, { addresses: () => ['198.51.100.1'] });
    expect(['one', 'two'].map((jail) => list.spares(address('192.0.2.7'), jail) !== undefined)).toEqual([true, false]);
    expect(['one', 'two'].map((jail) => list.spares(address('198.51.100.1'), jail) !== undefined)).toEqual([true, true]);
  });

  it('A02: spares the real addresses of the machine, IPv4 and IPv6', () => {
    const list = AllowList.load([{ name: 'spamtrap', ignoreip: [] }]);
    const own = Object.values(networkInterfaces()).flatMap((each = []) => each.map(({ address: text }) => text));
    expect(own.filter((text) => list.spares(address(text), 'spamtrap') === undefined)).toEqual([]);
  });

  it('spares an address in one of 100,000 networks in a file', () => {
    const lines = Array.from({ length: 100_000 }, (_, n) => `${11 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.0/25`);
    write('large.txt', lines.join('\n'));
    const list = listOf(['./large.txt']);
    expect(list.spares(address('11.255.255.127'), 'spamtrap')).toBe(`11.255.255.0/25 (${join(folder, 'large.txt')}:65536)`);
    expect(list.spares(address('11.255.255.128'), 'spamtrap')).toBeUndefined();
  });
});

describe('AllowList.touches', () => {
  const list = listOf(['192.0.2.7', '203.0.113.0/24']);

  it.each([
    ['192.0.2.0/24', '192.0.2.7 (ignoreip)'],
    ['203.0.113.128/25', '203.0.113.0/24 (ignoreip)'],
    ['2001:db8:1::/64', "2001:db8:1::1 (the machine's own address)"],
    ['192.0.3.0/24', undefined],
    ['2001:db8:2::/64', undefined],
  ])('returns for the network %s: %s', (text, found) => {
    expect(list.touches(network(text), 'spamtrap')).toBe(found);
  });
});

describe('AllowList.load', () => {
  it.each([
    [['192.0.2.1/24'], 'jails.spamtrap.ignoreip.0: "192.0.2.1/24": host bits set, did you mean "192.0.2.0/24"?'],
    [
      ['10.0.0.1', 'home.example.org'],
      'jails.spamtrap.ignoreip.1: "home.example.org": not an address or network, write one like 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; host names are not looked up',
    ],
    [
      ['./none.txt'],
      "jails.spamtrap.ignoreip.0: FOLDER/none.txt: cannot be read: ENOENT: no such file or directory, open 'FOLDER/none.txt'",
    ],
    [['./.'], 'jails.spamtrap.ignoreip.0: FOLDER: not a regular file'],
  ])('refuses %j', (entries, message) => {
    expect(faultOf(entries)).toBe(message);
  });

  it('refuses a bad line of a file, with its place', () => {
    write('friends.txt', '192.0.2.1\n 192.0.2.256 # oops\n');
    expect(faultOf(['./friends.txt'])).toMatch(/^FOLDER\/friends\.txt:2:2: "192\.0\.2\.256": not an address or network/);
  });

  it('refuses an entry, with its place in the configuration', () => {
    expect(faultOf(['x'], { where: (jail, index) => `trapline.yaml:${jail}:${index}` })).toMatch(/^trapline\.yaml:spamtrap:0: "x"/);
  });
});

describe('AllowList.refresh', () => {
  it('returns no messages when nothing has changed', () => {
    write('friends.txt', '192.0.2.1\n');
    expect(listOf(['./friends.txt']).refresh()).toEqual({ changed: [], problems: [] });
  });

  it('reads a file again after it was written or replaced', () => {
    const path = write('friends.txt', '192.0.2.1\n');
    const list = listOf(['./friends.txt']);
    write('friends.txt', '192.0.2.1\n192.0.2.2\n', 5000);
    expect(list.refresh()).toEqual({ changed: [`${path}: read again, 2 networks (1 before)`], problems: [] });
    expect(spared(list, '192.0.2.2')).toBe(true);
    renameSync(write('new.txt', '192.0.2.3\n192.0.2.4\n'), path);
    expect(list.refresh().changed).toHaveLength(1);
    expect(['192.0.2.2', '192.0.2.3'].map((client) => spared(list, client))).toEqual([false, true]);
  });

  it('keeps the last good list when a line is bad or the file is missing, and reports each fault once', () => {
    const path = write('friends.txt', '192.0.2.1\n');
    const list = listOf(['./friends.txt']);
    write('friends.txt', '192.0.2.1\nbad\n');
    expect(list.refresh().problems).toEqual([
      expect.stringMatching(/friends\.txt:2:1: "bad": .*; the last good list stays in force$/),
    ]);
    expect(list.refresh().problems).toEqual([]);
    rmSync(path);
    expect(list.refresh().problems).toEqual([expect.stringMatching(/friends\.txt: cannot be read: .*stays in force$/)]);
    expect(list.refresh().problems).toEqual([]);
    expect(spared(list, '192.0.2.1')).toBe(true);
    write('friends.txt', '192.0.2.9\n');
    expect(list.refresh().changed).toHaveLength(1);
    expect(['192.0.2.1', '192.0.2.9'].map((client) => spared(list, client))).toEqual([false, true]);
  });

  it('uses a shorter list only after a delay, because the file may be half written', () => {
    write('friends.txt', '192.0.2.1\n192.0.2.2\n');
    const list = listOf(['./friends.txt']);
    write('friends.txt', '', 100);
    expect(list.refresh().changed).toEqual([]);
    expect(spared(list, '192.0.2.2')).toBe(true);
    now += 5000;
    expect(list.refresh().changed).toHaveLength(1);
    expect(spared(list, '192.0.2.2')).toBe(false);
  });

  it("detects changes of the machine's own addresses", () => {
    let own = ['198.51.100.1'];
    const list = listOf([], { addresses: () => own });
    own = ['198.51.100.1', '198.51.100.2'];
    expect(list.refresh().changed).toEqual(["the machine's own addresses are now: 198.51.100.1 198.51.100.2"]);
    expect(spared(list, '198.51.100.2')).toBe(true);
    expect(list.refresh().changed).toEqual([]);
  });

  it('keeps the known addresses when the system fails to list them, and reports the failure once', () => {
    let fail = false;
    const list = listOf([], {
      addresses: () => {
        if (fail) throw new ConfigError('refused');
        return ['198.51.100.1'];
      },
    });
    fail = true;
    expect(list.refresh().problems).toEqual(['refused']);
    expect(list.refresh().problems).toEqual([]);
    expect(spared(list, '198.51.100.1')).toBe(true);
    fail = false;
    expect(list.refresh()).toEqual({ changed: ["the machine's own addresses are now: 198.51.100.1"], problems: [] });
    expect(list.refresh()).toEqual({ changed: [], problems: [] });
    fail = true;
    expect(list.refresh().problems).toEqual(['refused']);
  });
});

describe('AllowList.refusal', () => {
  const list = listOf(['192.0.2.7', '203.0.113.0/24']);

  it.each([
    ['127.0.0.1', 'own', '127.0.0.0/8 (loopback)'],
    ['198.51.100.0/24', 'own', "198.51.100.1 (the machine's own address)"],
    ['0.0.0.0/0', 'own', '0.0.0.0/8 (unspecified)'],
    ['::/0', 'own', ':: (unspecified)'],
    ['192.0.2.0/24', 'allow-listed', '192.0.2.7 (ignoreip)'],
    ['203.0.113.9', 'allow-listed', '203.0.113.0/24 (ignoreip)'],
  ])('returns for the network %s: %s, %s', (text, kind, because) => {
    expect(list.refusal(network(text))).toEqual({ kind, because });
  });

  it('returns undefined for every other client', () => {
    expect(list.refusal(network('192.0.2.8'))).toBeUndefined();
  });
});

describe('AllowList.lifted', () => {
  it('B12: returns the ban of an address that was added to the list', () => {
    write('friends.txt', '');
    const list = listOf(['./friends.txt']);
    const bans = [ban('192.0.2.7'), ban('192.0.2.8'), ban('2001:db8:7::/64')];
    expect(list.lifted(bans)).toEqual([]);
    const path = write('friends.txt', '192.0.2.7\n2001:db8:7::9\n', 5000);
    list.refresh();
    expect(list.lifted(bans)).toEqual([
      { ban: bans[0], because: `192.0.2.7 (${path}:1)` },
      { ban: bans[2], because: `2001:db8:7::9 (${path}:2)` },
    ]);
  });

  it('uses the list of the jail that banned the client, and all lists for bans by hand', () => {
    const jails = [
      { name: 'one', ignoreip: ['192.0.2.7'] },
      { name: 'two', ignoreip: [] },
    ];
    const list = AllowList.load(jails, { addresses: () => [] });
    const bans = ['one', 'two', HAND_JAIL].map((jail) => ban('192.0.2.7', NOON, { jail }));
    expect(list.lifted(bans).map((each) => each.ban.jail)).toEqual(['one', HAND_JAIL]);
  });

  it('leaves out a forced ban of an allowed address, but returns a forced ban of an own address of the machine', () => {
    const list = listOf(['192.0.2.7']);
    const forced = { jail: HAND_JAIL, origin: 'hand', forced: true } as const;
    const bans = [ban('192.0.2.7', NOON, forced), ban('198.51.100.1', NOON, forced)];
    expect(list.lifted(bans).map((each) => each.ban.network)).toEqual(['198.51.100.1/32']);
  });
});
