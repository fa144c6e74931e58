// Tests jails that have their own sources and actions, with a real firewall.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Namespace } from './support/actions/wire.ts';
import { hitLine } from './support/filters/lines.ts';
import { InnerDaemon } from './support/hostile/daemon.ts';
import { root } from './support/privileges.ts';
import { CHECKOUT } from './support/source-tree.ts';
import { until } from './support/until.ts';

const SHIPPED = readFileSync(join(CHECKOUT, 'actions', 'nftables.yaml'), 'utf8');

/** The log line of a mail to the trap, with the present time. `words` is the text of the access table. */
const hit = (client: string, words = 'triggers spamtrap'): string => {
  const line = hitLine({ client: `unknown[${client}]` }).replace('triggers spamtrap', words);
  return `${new Date().toISOString()}${line.slice('Jun  1 10:00:00'.length)}\n`;
};

let daemon: InnerDaemon;
let namespace: Namespace;
beforeEach(() => {
  daemon = new InnerDaemon();
  if (root) namespace = new Namespace('j');
});
afterEach(async () => {
  await daemon.end();
  if (root) namespace.remove();
});

/** Writes an action that bans in a separate table in the namespace. */
function writeAction(name: string): void {
  mkdirSync(daemon.at('actions'), { recursive: true });
  const inside = namespace.inside().join(', ');
  const text = SHIPPED.replaceAll('argv: [nft', `argv: [${inside}, nft`).replace('name: nftables', `name: ${name}`);
  writeFileSync(join(daemon.at('actions'), `${name}.yaml`), text);
}

/** The clients in the table of an action, each with the seconds until its ban ends. */
function held(table: string): ReadonlyMap<string, number> {
  const { nftables } = JSON.parse(namespace.run('nft', '-j', 'list', 'set', 'inet', table, 'ipv4_32')) as {
    nftables: { set?: { elem?: { elem: { val: string; expires: number } }[] } }[];
  };
  return new Map(nftables.flatMap(({ set }) => set?.elem ?? []).map(({ elem }) => [elem.val, elem.expires]));
}

const CONFIG = (folder: string, jails: string): string =>
  `actions_folder: ${folder}\nactions: [{type: first, table: first}, {type: second, table: second}]\n${jails}`;

describe.runIf(root)('two jails with their own actions', () => {
  const JAILS = `jails:
  short: {text: goes into the trap, bantime: 2s, bantime_increment: false, actions: [first, second]}
  long: {text: triggers spamtrap, bantime: 1h, actions: [first]}
`;

  it('ban only in their own actions, and each action holds a network until the last ban of its jails ends', async () => {
    for (const name of ['first', 'second']) writeAction(name);
    await daemon.start(CONFIG(daemon.at('actions'), JAILS));
    daemon.write(hit('203.0.113.7') + hit('203.0.113.7', 'goes into the trap') + hit('203.0.113.8'));
    await until('both clients are banned', () => held('first').size === 2);
    expect(held('first').get('203.0.113.7')).toBeGreaterThan(3000);
    expect(held('second').has('203.0.113.8')).toBe(false);
    // When the ban of the jail "short" ends, the second action removes the client. The first action keeps it until the ban of "long" ends.
    await until('the short ban is over', () => daemon.said.some((line) => line.includes('short: unban 203.0.113.7')));
    await until('the second action holds no ban', () => held('second').size === 0);
    expect(held('first').get('203.0.113.7')).toBeGreaterThan(3000);
    expect([...held('first').keys()].toSorted()).toEqual(['203.0.113.7', '203.0.113.8']);
  });

  it('ban by hand in every action, and unban in every action', async () => {
    for (const name of ['first', 'second']) writeAction(name);
    await daemon.start(CONFIG(daemon.at('actions'), JAILS));
    await daemon.command('ban', '203.0.113.9');
    expect([held('first').has('203.0.113.9'), held('second').has('203.0.113.9')]).toEqual([true, true]);
    await daemon.command('unban', '203.0.113.9');
    expect([held('first').size, held('second').size]).toEqual([0, 0]);
  });

  it('move their bans to other actions when a reload gives them other actions', async () => {
    for (const name of ['first', 'second']) writeAction(name);
    await daemon.start(CONFIG(daemon.at('actions'), JAILS));
    daemon.write(hit('203.0.113.8'));
    await until('the client is banned', () => held('first').size === 1);
    daemon.configure(CONFIG(daemon.at('actions'), JAILS.replace('actions: [first]}', 'actions: [second]}')));
    expect((await daemon.command('reload')).code).toBe(0);
    await until('the second action holds the ban', () => held('second').size === 1);
    await until('the first action holds no ban', () => held('first').size === 0);
  });

  it('shorten a ban in an action when a reload takes the action away from the jail with the longer ban', async () => {
    for (const name of ['first', 'second']) writeAction(name);
    const both = JAILS.replace('bantime: 2s', 'bantime: 10m').replace('actions: [first]}', 'actions: [first, second]}');
    await daemon.start(CONFIG(daemon.at('actions'), both));
    daemon.write(hit('203.0.113.7') + hit('203.0.113.7', 'goes into the trap'));
    await until('both actions hold the later end', () =>
      ['first', 'second'].every((name) => (held(name).get('203.0.113.7') ?? 0) > 3000),
    );
    daemon.configure(CONFIG(daemon.at('actions'), both.replace(/(long: .*)\[first, second\]/, '$1[first]')));
    expect((await daemon.command('reload')).code).toBe(0);
    await until('the second action holds the earlier end', () => (held('second').get('203.0.113.7') ?? Infinity) <= 600);
    expect(held('first').get('203.0.113.7')).toBeGreaterThan(3000);
  });

  it('have all their bans in their own actions after a restart', async () => {
    for (const name of ['first', 'second']) writeAction(name);
    await daemon.start(CONFIG(daemon.at('actions'), JAILS));
    daemon.write(hit('203.0.113.8'));
    await until('the client is banned', () => held('first').size === 1);
    namespace.run('nft', 'flush', 'ruleset');
    await daemon.restart();
    expect([[...held('first').keys()], held('second').size]).toEqual([['203.0.113.8'], 0]);
  });
});

describe('two jails with their own sources', () => {
  it('count only hits of their own sources', async () => {
    const other = daemon.at('other.log');
    writeFileSync(other, '');
    await daemon.start(`actions: [print]
sources: [{type: file, path: ${daemon.mailLog}, from: start}, {type: file, path: ${other}, from: start}]
jails:
  one: {text: triggers spamtrap, sources: [${daemon.mailLog}]}
  two: {text: triggers spamtrap, sources: [${other}], bantime: 2h}
`);
    daemon.write(hit('203.0.113.7'));
    appendFileSync(other, hit('203.0.113.8'));
    await until('both clients are banned', () => daemon.printed.length >= 2);
    const bans = (JSON.parse((await daemon.command('bans', '--json')).out) as { jail: string; network: string }[]).map(
      ({ jail, network }) => `${jail} ${network}`,
    );
    expect(bans.toSorted()).toEqual(['one 203.0.113.7', 'two 203.0.113.8']);
  });
});
