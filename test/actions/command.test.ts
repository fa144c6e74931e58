import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { loadAction } from '../../src/actions/enforce.ts';
import type { Action } from '../../src/types.ts';
import { entry, Folder, KeptLog, manyHosts, network } from '../support/actions-words.ts';
import { until } from '../support/e2e-until.ts';

const folder = new Folder();
afterAll(() => folder.remove());

let made = 0;

/** An action of shell scripts, each of which writes down its arguments and its input; `scripts` add to what one does. */
function action(
  steps: string,
  scripts: Record<string, string> = {},
  ports: object = {},
): { action: Action; calls: () => string[]; log: KeptLog } {
  made += 1;
  const calls = folder.write(`calls${made}`, '');
  const name = (program: string): string => `${program}${made}`;
  for (const program of ['ban', 'unban', 'open', 'list', 'replace', 'close', 'probe']) {
    const script = `#!/bin/sh\ninput=$(cat | tr '\\n' ' ')\necho "${program} $* $input" >>${calls}\n${scripts[program] ?? ''}\n`;
    folder.write(name(program), script, 0o755);
  }
  const text = steps.replaceAll(/\$(\w+)/g, (_, program: string) => `${folder.path}/${name(program)}`);
  const path = folder.write(`action${made}.yaml`, `name: mine\ndescription: mine\n${text}\nexamples: [{ verb: open }]\n`);
  const log = new KeptLog();
  return {
    action: loadAction(path, {}, { log: log.log, clock: Date.now, ...ports }),
    calls: () =>
      readFileSync(calls, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.replaceAll(/ +/g, ' ').trim()),
    log,
  };
}

const BASIC = `
open: [{ argv: [$open] }]
ban: [{ argv: [$ban], stdin: "{{#all}}{{text}} {{/all}}" }]
unban: [{ argv: [$unban], stdin: "{{#all}}{{text}} {{/all}}" }]
close: [{ argv: [$close] }]`;

const hosts = (...last: number[]): ReturnType<typeof entry>[] => last.map((byte) => entry(`192.0.2.${byte}`));

describe('an action made of commands', () => {
  it('runs one program for a batch, and none for an empty one', async () => {
    const { action: mine, calls } = action(BASIC);
    await mine.open();
    await mine.ban(hosts(7, 8));
    await mine.ban([]);
    await mine.unban([network('192.0.2.7'), network('2001:db8::/64')]);
    await mine.unban([]);
    await mine.close();
    expect(calls()).toEqual(['open', 'ban 192.0.2.7 192.0.2.8', 'unban 192.0.2.7 2001:db8::/64', 'close']);
  });

  it('opens again when a batch is refused, and tries once more', async () => {
    const flag = `${folder.path}/opened`;
    const { action: mine, calls } = action(BASIC, { ban: `test -e ${flag}`, open: `touch ${flag}` });
    expect(await mine.ban(hosts(7, 8))).toEqual([]);
    expect(calls()).toEqual(['ban 192.0.2.7 192.0.2.8', 'open', 'ban 192.0.2.7 192.0.2.8']);
  });

  it('halves a batch that is refused until the bad elements stand alone', async () => {
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

  it('stops halving after a while: what is not sorted out by then counts as refused', async () => {
    const { action: mine, calls } = action(BASIC, { ban: 'exit 1' });
    const refused = await mine.ban(manyHosts(500));
    expect(refused).toHaveLength(500);
    expect(calls().length).toBeLessThan(60);
  });

  it('tries a second input when the first is refused, before anything else', async () => {
    const steps = BASIC.replace('{{text}} {{/all}}" }]', '{{text}} {{/all}}", again: "again {{#all}}{{text}} {{/all}}" }]');
    const { action: mine, calls } = action(steps, { ban: 'case "$input" in again*) exit 0;; esac; exit 1' });
    expect(await mine.ban(hosts(1, 2))).toEqual([]);
    expect(calls()).toEqual(['ban 192.0.2.1 192.0.2.2', 'ban again 192.0.2.1 192.0.2.2']);
  });

  it('rejects when opening fails, with what the program says', async () => {
    const { action: mine } = action(BASIC, { ban: 'exit 1', open: 'echo "not permitted" >&2; exit 1' });
    await expect(mine.open()).rejects.toThrow(/open\d+: not permitted$/);
    await expect(mine.ban(hosts(7))).rejects.toThrow(/open\d+: not permitted$/);
  });

  it('F11: rejects when a program hangs, and does not halve the batch', async () => {
    const { action: mine, calls } = action(BASIC, { ban: 'sleep 600' }, { deadline: 300 });
    await expect(mine.ban(hosts(1, 2, 3, 4))).rejects.toThrow('did not end within 0.3 s; killed with its children');
    expect(calls()).toHaveLength(1);
  });

  it('gives up a call that still runs when it is closed', async () => {
    const { action: mine, calls } = action(BASIC, { ban: 'sleep 600' });
    const closed = until('the program runs', () => calls().length > 0).then(() => mine.close());
    await expect(mine.ban(hosts(7))).rejects.toThrow('ended by SIGKILL');
    await closed;
  });

  it('keeps to its steps: by family, by option, and only when a probe fails', async () => {
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

  it('checks what an opening program prints, and says what to do', async () => {
    const { action: mine } = action(
      `
open: [{ argv: [$open], expect: ^ready$, advice: switch it on }]
ban: [{ argv: [$ban] }]
unban: [{ argv: [$unban] }]`,
      { open: 'echo not; test -e "$0.flag" && echo ready; true' },
    );
    await expect(mine.open()).rejects.toThrow(/open\d+: switch it on$/);
    folder.write(`open${made}.flag`, '');
    await mine.open();
  });

  const LISTED = `${BASIC}
compare: true
list: [{ argv: [$list], parse: '^held (\\S+)' }]`;

  it('compares with the list first when its file says so', async () => {
    const { action: mine, calls } = action(LISTED, { list: 'echo held 192.0.2.7; echo held 192.0.2.8' });
    await mine.ban(hosts(7, 9));
    await mine.unban([network('192.0.2.8'), network('192.0.2.10')]);
    await mine.ban(hosts(7));
    expect(calls()).toEqual(['list', 'ban 192.0.2.9', 'list', 'unban 192.0.2.8', 'list']);
  });

  it('replaces by its parts when it has no way to replace everything at once', async () => {
    const { action: mine, calls } = action(LISTED.replace('compare: true', ''), {
      list: 'echo held 192.0.2.7; echo held 192.0.2.8',
    });
    await mine.replace(hosts(8, 9));
    expect(calls()).toEqual(['list', 'unban 192.0.2.7', 'ban 192.0.2.8 192.0.2.9']);
  });

  it('F05: replaces with the rest when some are refused, and names those', async () => {
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

  const FAMILIES = `
open: [{ family: 4, argv: [$open, "4"] }, { family: 6, argv: [$open, "6"] }]
ban: [{ family: 4, argv: [$ban, "4"] }, { family: 6, argv: [$ban, "6"] }]
unban: [{ argv: [$unban] }]`;

  it('leaves IPv6 alone when the kernel has none, with one notice', async () => {
    const { action: mine, calls, log } = action(FAMILIES, {}, { ipv6: 'none' });
    await mine.open();
    await mine.open();
    await mine.ban(hosts(7));
    expect(calls()).toEqual(['open 4', 'open 4', 'ban 4']);
    expect(log.lines).toEqual(['notice: mine: IPv6 is off in this kernel; only IPv4 addresses are banned']);
    expect([mine.covers?.(network('192.0.2.7')), mine.covers?.(network('2001:db8::/64'))]).toEqual([true, false]);
  });

  it('bans IPv6 all the same when it is only switched off, with one notice', async () => {
    const { action: mine, calls, log } = action(FAMILIES, {}, { ipv6: 'off' });
    await mine.open();
    await mine.open();
    await mine.ban([...hosts(7), entry('2001:db8::7')]);
    expect(calls().slice(-2)).toEqual(['ban 4', 'ban 6']);
    expect(log.lines).toEqual(['notice: mine: IPv6 is off in this kernel; bans of IPv6 addresses are set, and wait for it']);
  });

  it('S01: hands shell characters of its file over as they are', async () => {
    const { action: mine, calls } = action(`
open: [{ argv: [$open, "$(touch x)", "; rm -rf /", "a b"] }]
ban: [{ argv: [$ban] }]
unban: [{ argv: [$unban] }]`);
    await mine.open();
    expect(calls()).toEqual(['open $(touch x) ; rm -rf / a b']);
  });
});
