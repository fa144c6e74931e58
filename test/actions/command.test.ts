import { rmSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { loadAction } from '../../src/actions/enforce.ts';
import { messageOf } from '../../src/errors.ts';
import type { Action } from '../../src/words/firewall.ts';
import { scripted } from '../support/actions/scripted.ts';
import { entry, Folder, KeptLog, manyHosts, network } from '../support/actions/words.ts';
import { until } from '../support/until.ts';

const folder = new Folder();
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => folder.remove());

/** Returns the file name of the script that stands for a program in the action file that was written last. */
let scriptOf: (program: string) => string = () => '';

function action(
  steps: string,
  scripts: Record<string, string> = {},
  ports: object = {},
): { action: Action; calls: () => string[]; log: KeptLog } {
  const { path, calls, script } = scripted(folder, steps, scripts);
  scriptOf = script;
  const log = new KeptLog();
  return { action: loadAction(path, {}, { log: log.log, clock: Date.now, ...ports }), calls, log };
}

const BASIC = `
open: [{ argv: [$open] }]
ban: [{ argv: [$ban], stdin: "{{#all}}{{text}} {{/all}}" }]
unban: [{ argv: [$unban], stdin: "{{#all}}{{text}} {{/all}}" }]
close: [{ argv: [$close] }]`;

const hosts = (...last: number[]): ReturnType<typeof entry>[] => last.map((byte) => entry(`192.0.2.${byte}`));

describe('an action that consists of commands', () => {
  it('runs one program for a batch, and no program for an empty batch', async () => {
    const { action: mine, calls } = action(BASIC);
    await mine.open();
    await mine.ban(hosts(7, 8));
    await mine.ban([]);
    await mine.unban([network('192.0.2.7'), network('2001:db8::/64')]);
    await mine.unban([]);
    await mine.close();
    expect(calls()).toEqual(['open', 'ban 192.0.2.7 192.0.2.8', 'unban 192.0.2.7 2001:db8::/64', 'close']);
  });

  it('runs its open step again when a batch is refused, then tries the batch once more', async () => {
    const flag = `${folder.path}/opened`;
    const { action: mine, calls } = action(BASIC, { ban: `test -e ${flag}`, open: `touch ${flag}` });
    expect(await mine.ban(hosts(7, 8))).toEqual([]);
    expect(calls()).toEqual(['ban 192.0.2.7 192.0.2.8', 'open', 'ban 192.0.2.7 192.0.2.8']);
  });

  it('halves a refused batch until each bad element is alone in a batch', async () => {
    const { action: mine, calls } = action(BASIC, { ban: 'case "$input" in *192.0.2.3" "*) echo "no 3" >&2; exit 1;; esac' });
    const refused = await mine.ban(hosts(1, 2, 3, 4));
    expect(refused).toEqual([{ network: '192.0.2.3/32', because: expect.stringMatching(/ban\d+: no 3$/) }]);
    expect(calls()).toEqual([
      'ban 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4',
      'open',
      'ban 192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4',
      'ban 192.0.2.1 192.0.2.2',
      'ban 192.0.2.3 192.0.2.4',
      'ban 192.0.2.3',
      'ban 192.0.2.4',
    ]);
  });

  it('runs fewer than 60 programs for a batch of bad elements, and then reports the rest as refused', async () => {
    const { action: mine, calls } = action(BASIC, { ban: 'exit 1' });
    const refused = await mine.ban(manyHosts(500));
    expect(refused).toHaveLength(500);
    expect(calls().length).toBeLessThan(60);
  });

  it('tries the second input of a step before it runs the open step again, when the first input is refused', async () => {
    const steps = BASIC.replace('{{text}} {{/all}}" }]', '{{text}} {{/all}}", again: "again {{#all}}{{text}} {{/all}}" }]');
    const { action: mine, calls } = action(steps, { ban: 'case "$input" in again*) exit 0;; esac; exit 1' });
    expect(await mine.ban(hosts(1, 2))).toEqual([]);
    expect(calls()).toEqual(['ban 192.0.2.1 192.0.2.2', 'ban again 192.0.2.1 192.0.2.2']);
  });

  it('rejects with the error message of the program when the open step fails', async () => {
    const { action: mine } = action(BASIC, { ban: 'exit 1', open: 'echo "not permitted" >&2; exit 1' });
    await expect(mine.open()).rejects.toThrow(/open\d+: not permitted$/);
    await expect(mine.ban(hosts(7))).rejects.toThrow(/open\d+: not permitted$/);
  });

  it('F11: rejects when a program hangs, and does not halve the batch', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { action: mine, calls } = action(BASIC, { ban: 'sleep 600' });
    const banned = mine.ban(hosts(1, 2, 3, 4)).catch(messageOf);
    await until('the program runs', () => calls().length === 1);
    vi.advanceTimersByTime(10_000);
    expect(await banned).toMatch(/ban\d+: did not end within 10 s; killed with its children$/);
    expect(calls()).toHaveLength(1);
  });

  it('kills a running program when the action is closed', async () => {
    const { action: mine, calls } = action(BASIC, { ban: 'sleep 600' });
    const closed = until('the program runs', () => calls().length > 0).then(() => mine.close());
    await expect(mine.ban(hosts(7))).rejects.toThrow('ended by SIGKILL');
    await closed;
  });

  it('runs only the steps of the right family and option, and runs a step with `unless` only if the command of `unless` fails', async () => {
    const { action: mine, calls } = action(
      `
options: { block: { type: choice, of: [drop, reject], default: drop, about: how } }
open:
  - { argv: [$open, drop], when: block_drop }
  - { argv: [$open, reject], when: block_reject }
  - { argv: [$open, there], unless: [$probe, yes] }
  - { argv: [$open, missing], unless: [$probe, no] }
ban:
  - { family: 4, argv: [$ban, "4"], stdin: "{{#all}}{{text}} {{/all}}" }
  - { family: 6, argv: [$ban, "6"], stdin: "{{#all}}{{text}} {{/all}}" }
unban:
  - { argv: [$unban] , append: hosts }`,
      { probe: '[ "$1" = yes ]' },
    );
    await mine.open();
    await mine.ban(hosts(7));
    await mine.ban([entry('2001:db8::7'), entry('192.0.2.8')]);
    await mine.unban(['192.0.2.7', '192.0.2.0/24', '2001:db8::7'].map(network));
    await mine.unban([network('192.0.2.0/24')]);
    expect(calls()).toEqual([
      'open drop',
      'probe yes',
      'probe no',
      'open missing',
      'ban 4 192.0.2.7',
      'ban 4 192.0.2.8',
      'ban 6 2001:db8::7',
      'unban 192.0.2.7 2001:db8::7',
    ]);
  });

  it('checks the output of its open step, and fails with the advice of the step', async () => {
    const { action: mine } = action(
      `
open: [{ argv: [$open], expect: ^ready$, advice: switch it on }]
ban: [{ argv: [$ban] }]
unban: [{ argv: [$unban] }]`,
      { open: 'echo not; test -e "$0.flag" && echo ready; true' },
    );
    await expect(mine.open()).rejects.toThrow(/open\d+: switch it on$/);
    folder.write(`${scriptOf('open')}.flag`, '');
    await mine.open();
  });

  const LISTED = `${BASIC}
compare: true
list: [{ argv: [$list], parse: '^held (\\S+)' }]`;

  it('lists the bans before each batch and sends only the differences when its file has `compare`', async () => {
    const { action: mine, calls } = action(LISTED, { list: 'echo held 192.0.2.7; echo held 192.0.2.8' });
    await mine.ban(hosts(7, 9));
    await mine.unban([network('192.0.2.8'), network('192.0.2.10')]);
    await mine.ban(hosts(7));
    expect(calls()).toEqual(['list', 'ban 192.0.2.9', 'list', 'unban 192.0.2.8', 'list']);
  });

  it('replaces all bans with list, unban and ban steps when it has no replace step', async () => {
    const { action: mine, calls } = action(LISTED.replace('compare: true', ''), {
      list: 'echo held 192.0.2.7; echo held 192.0.2.8',
    });
    await mine.replace(hosts(8, 9));
    expect(calls()).toEqual(['list', 'unban 192.0.2.7', 'ban 192.0.2.8 192.0.2.9']);
  });

  it('finds missing and extra networks for each family', async () => {
    const { action: mine } = action(
      `${BASIC}
list:
  - { family: 4, argv: [$list, "4"], parse: '^held (\\S+)' }
  - { family: 6, argv: [$list, "6"], parse: '^held (\\S+)', expect: '^rule$' }`,
      {
        list: 'if [ "$1" = 4 ]; then echo held 192.0.2.7; echo held 192.0.2.8; else echo held 2001:db8::7; cat "$0.rule"; fi; true',
      },
    );
    const wanted = [...hosts(8, 9), entry('2001:db8::7')];
    expect(await mine.check(() => wanted)).toEqual({ kind: 'listed', missing: wanted.slice(1), extra: ['192.0.2.7/32'] });
    folder.write(`${scriptOf('list')}.rule`, 'rule\n');
    expect(await mine.check(() => wanted)).toEqual({ kind: 'listed', missing: wanted.slice(1, 2), extra: ['192.0.2.7/32'] });
  });

  it('looks up a sample when there are more bans than the firewall can list, and runs no program for an empty sample', async () => {
    const { action: mine, calls } = action(
      `${BASIC}
list: [{ argv: [$list], parse: '^held (\\S+)' }]
listable: 1000
holds: [{ argv: [$probe], stdin: "{{#all}}{{text}} {{/all}}" }]`,
      { probe: 'case "$input" in *192.0.2.9*) exit 1;; esac' },
    );
    const most: number[] = [];
    const check = (...sample: readonly ReturnType<typeof entry>[]): Promise<unknown> =>
      mine.check((limit) => {
        most.push(limit);
        return { sample, count: 2000 };
      });
    expect(await check(...hosts(7, 8))).toEqual({ kind: 'sampled', looked: 2, complete: true });
    expect(await check(...hosts(7, 9, 8))).toEqual({ kind: 'sampled', looked: 3, complete: false });
    expect(await check()).toEqual({ kind: 'sampled', looked: 0, complete: true });
    expect(calls()).toEqual(['probe 192.0.2.7 192.0.2.8', 'probe 192.0.2.7 192.0.2.9 192.0.2.8']);
    expect(most).toEqual([1000, 1000, 1000]);
  });

  it('reports an unknown state of the firewall when its file has no list step', async () => {
    const { action: mine, calls } = action(BASIC);
    expect(await mine.check(() => hosts(7))).toEqual({ kind: 'unknown' });
    expect(calls()).toEqual([]);
  });

  it('looks up the wanted bans when the firewall refuses to list its bans', async () => {
    const { action: mine, calls } = action(`${LISTED}\nholds: [{ argv: [$probe], stdin: "{{#all}}{{text}} {{/all}}" }]`, {
      list: 'echo "Invalid argument" >&2; exit 1',
      probe: 'case "$input" in *192.0.2.9*) exit 1;; esac',
    });
    expect(await mine.check(() => hosts(7, 8))).toEqual({ kind: 'sampled', looked: 2, complete: true });
    expect(await mine.check(() => hosts(7, 9))).toEqual({ kind: 'sampled', looked: 2, complete: false });
    expect(await mine.check(() => manyHosts(2001))).toEqual({ kind: 'sampled', looked: 2000, complete: true });
    expect(calls().slice(0, 2)).toEqual(['list', 'probe 192.0.2.7 192.0.2.8']);
  });

  it('rejects a check when its list step fails', async () => {
    const { action: mine } = action(LISTED, { list: 'echo "not permitted" >&2; exit 1' });
    await expect(mine.check(() => [])).rejects.toThrow(/list\d+: not permitted$/);
  });

  it('starts to watch for changes when a check finds that the number of bans is within the limit', async () => {
    const steps = `${LISTED}
watch: { argv: [sh, -c, echo changed; exec sleep 600], lines: ^changed$, most: 2 }`;
    const { action: mine, calls } = action(steps, { list: 'cat "$0.held"; true' });
    let heard = 0;
    mine.watch?.(() => (heard += 1));
    const file = `${scriptOf('list')}.held`;
    folder.write(file, 'held 192.0.2.1\nheld 192.0.2.2\nheld 192.0.2.3\n');
    await mine.check(() => []);
    expect(calls()).toEqual(['list']);
    folder.write(file, 'held 192.0.2.1\nheld 192.0.2.2\n');
    await mine.check(() => []);
    await until('a change is reported', () => heard === 1);
    await mine.close();
    expect(heard).toBe(1);
  });

  it('F05: replaces all bans, leaves out the networks that the firewall refuses, and names these networks', async () => {
    const bad = 'case "$input" in *192.0.2.3" "*) echo full >&2; exit 1;; esac';
    const { action: mine, calls } = action(
      `${BASIC}
replace: [{ argv: [$replace], stdin: "{{#all}}{{text}} {{/all}}" }]`,
      { ban: bad, replace: bad },
    );
    const refused = await mine.replace(hosts(1, 3));
    expect(refused.map((one) => one.network)).toEqual(['192.0.2.3/32']);
    expect(calls().at(-1)).toBe('replace 192.0.2.1');
  });

  const REPLACED = `${BASIC}
list: [{ argv: [$list], parse: '^held (\\S+)' }]
replace: [{ argv: [$replace], stdin: "{{#all}}{{text}} {{/all}}" }]
batch: 2`;

  it('unbans extra networks and then bans the wanted networks in batches when the firewall refuses to replace all bans at once', async () => {
    const tooMany = 'case "$input" in *" "*" "*" "*) echo "Invalid argument" >&2; exit 1;; esac';
    const list = 'echo held 192.0.2.1; echo held 192.0.2.8; echo held 192.0.2.9';
    const { action: mine, calls } = action(REPLACED, { ban: tooMany, replace: tooMany, list });
    expect(await mine.replace(hosts(1, 2, 3))).toEqual([]);
    expect(calls()).toEqual([
      'replace 192.0.2.1 192.0.2.2 192.0.2.3',
      'open',
      'list',
      'unban 192.0.2.8 192.0.2.9',
      'ban 192.0.2.1 192.0.2.2 192.0.2.3',
      'open',
      'ban 192.0.2.1 192.0.2.2',
      'ban 192.0.2.3',
    ]);
  });

  it('replaces all bans with the first batch, and then adds the other batches, when the firewall cannot list its bans', async () => {
    const tooMany = 'case "$input" in *" "*" "*" "*) echo "Invalid argument" >&2; exit 1;; esac';
    const { action: mine, calls } = action(REPLACED, { replace: tooMany, list: 'echo "Invalid argument" >&2; exit 1' });
    expect(await mine.replace(hosts(1, 2, 3, 4, 5))).toEqual([]);
    expect(calls().slice(2)).toEqual(['list', 'replace 192.0.2.1 192.0.2.2', 'ban 192.0.2.3 192.0.2.4', 'ban 192.0.2.5']);
  });

  it('rejects a replacement that is refused in every size, and leaves the firewall unchanged', async () => {
    const { action: mine, calls } = action(REPLACED, { replace: 'exit 1', list: 'exit 1' });
    await expect(mine.replace(hosts(1, 2, 3))).rejects.toThrow(/replace\d+: exit code 1$/);
    await expect(mine.replace(hosts(1, 2))).rejects.toThrow(/replace\d+: exit code 1$/);
    expect(calls().filter((call) => call.startsWith('unban'))).toEqual([]);
  });

  it('splits a refused list into batches, and halves each batch that has a bad network', async () => {
    const bad = 'case "$input" in *" "*" "*" "*|*192.0.2.3" "*) echo "no" >&2; exit 1;; esac';
    const { action: mine, calls } = action(REPLACED, { ban: bad });
    expect((await mine.ban(hosts(1, 2, 3, 4, 5))).map((one) => one.network)).toEqual(['192.0.2.3/32']);
    expect(calls().slice(2)).toEqual([
      'ban 192.0.2.1 192.0.2.2',
      'ban 192.0.2.3 192.0.2.4',
      'ban 192.0.2.3',
      'ban 192.0.2.4',
      'ban 192.0.2.5',
    ]);
  });

  it('sets no network twice when a part of a batch is refused and its file has `compare`', async () => {
    const steps = LISTED.replace('ban: [{ argv: [$ban], stdin: "{{#all}}{{text}} {{/all}}" }]', '').concat(`
ban:
  - { family: 4, argv: [$ban], stdin: "{{#all}}{{text}} {{/all}}" }
  - { family: 6, argv: [$probe], stdin: "{{#all}}{{text}} {{/all}}" }`);
    const { action: mine, calls } = action(steps, {
      ban: 'for one in $input; do echo "held $one" >>"$0.held"; done',
      list: `cat "\${0%/*}/$(basename "$0" | sed s/list/ban/).held"; true`,
      probe: 'exit 1',
    });
    const refused = await mine.ban([entry('192.0.2.7'), entry('2001:db8::7')]);
    expect(refused.map((one) => one.network)).toEqual(['2001:db8::7/128']);
    expect(calls().filter((call) => call.startsWith('ban'))).toEqual(['ban 192.0.2.7']);
  });

  const FAMILIES = `
open: [{ family: 4, argv: [$open, "4"] }, { family: 6, argv: [$open, "6"] }]
ban: [{ family: 4, argv: [$ban, "4"] }, { family: 6, argv: [$ban, "6"] }]
unban: [{ argv: [$unban] }]`;

  it('bans only IPv4 when the kernel does not support IPv6, and logs one notice', async () => {
    const { action: mine, calls, log } = action(FAMILIES, {}, { ipv6: 'none' });
    await mine.open();
    await mine.open();
    await mine.ban(hosts(7));
    expect(calls()).toEqual(['open 4', 'open 4', 'ban 4']);
    expect(log.lines).toEqual(['notice: mine: IPv6 is off in this kernel; only IPv4 addresses are banned']);
    expect([mine.covers?.(network('192.0.2.7')), mine.covers?.(network('2001:db8::/64'))]).toEqual([true, false]);
  });

  const BROKEN = `
open: [{ family: 4, argv: [$open, "4"] }, { family: 6, argv: [$gone, "6"] }]
ban: [{ family: 4, argv: [$ban, "4"] }, { family: 6, argv: [$gone, "6"] }]
unban: [{ family: 4, argv: [$unban, "4"] }, { family: 6, argv: [$gone, "6"] }]
replace: [{ family: 4, argv: [$replace, "4"] }, { family: 6, argv: [$gone, "6"] }]
list: [{ family: 4, argv: [$list, "4"], parse: (.+) }, { family: 6, argv: [$gone, "6"], parse: (.+) }]`;

  it('F14: bans IPv4 when the program for IPv6 is missing, logs one notice, and reports the reason for each IPv6 network', async () => {
    const { action: mine, calls, log } = action(BROKEN, { list: 'echo 192.0.2.7' });
    const reason = expect.stringMatching(/gone\d+: not found, install it$/) as string;
    const both = [...hosts(7), entry('2001:db8::7')];
    const refused = [{ network: '2001:db8::7/128', because: reason }];
    await mine.open();
    expect(await mine.replace(both)).toEqual(refused);
    expect(await mine.ban(both)).toEqual(refused);
    expect(await mine.unban(both.map(({ network: one }) => one))).toEqual(refused);
    expect(await mine.check(() => both)).toEqual({ kind: 'listed', missing: [], extra: [] });
    expect(calls()).toEqual(['open 4', 'open 4', 'replace 4', 'open 4', 'ban 4', 'open 4', 'unban 4', 'list 4']);
    expect(log.lines).toEqual([
      expect.stringMatching(/^notice: mine: .*gone\d+: not found, install it; only IPv4 addresses are banned$/),
    ]);
  });

  it('F14: bans IPv6 as soon as the program for IPv6 exists', async () => {
    const { action: mine, calls } = action(BROKEN.replaceAll('$gone', '$probe'), { probe: 'test -e "$0.there"' });
    await mine.open();
    expect(await mine.ban([entry('2001:db8::7')])).toHaveLength(1);
    folder.write(`${scriptOf('probe')}.there`, '');
    expect(await mine.ban([entry('2001:db8::7')])).toEqual([]);
    expect(calls().at(-1)).toBe('probe 6');
  });

  it('F14: reports an IPv6 network as refused when the program for IPv6 has disappeared since `open`', async () => {
    const { action: mine, calls } = action(BROKEN.replaceAll('$gone', '$probe'), { probe: 'test -e "$0.there"' });
    const there = folder.write(`${scriptOf('probe')}.there`, '');
    await mine.open();
    rmSync(there);
    const both = [...hosts(7), entry('2001:db8::7')];
    expect((await mine.ban(both)).map((one) => one.network)).toEqual(['2001:db8::7/128']);
    expect((await mine.replace(both)).map((one) => one.network)).toEqual(['2001:db8::7/128']);
    expect(calls().at(-1)).toBe('replace 4');
  });

  it('sets IPv6 bans when IPv6 is only switched off, and logs one notice', async () => {
    const { action: mine, calls, log } = action(FAMILIES, {}, { ipv6: 'off' });
    await mine.open();
    await mine.open();
    await mine.ban([...hosts(7), entry('2001:db8::7')]);
    expect(calls().slice(-2)).toEqual(['ban 4', 'ban 6']);
    expect(log.lines).toEqual(['notice: mine: IPv6 is off in this kernel; bans of IPv6 addresses are set, but have no effect']);
  });

  it('S01: passes shell characters in its file to the program unchanged', async () => {
    const { action: mine, calls } = action(`
open: [{ argv: [$open, "$(id)", "; id", "a b"] }]
ban: [{ argv: [$ban] }]
unban: [{ argv: [$unban] }]`);
    await mine.open();
    expect(calls()).toEqual(['open $(id) ; id a b']);
  });
});
