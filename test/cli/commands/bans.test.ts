import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { serveControl } from '../../../src/control/serve.ts';
import type { BanRow, Orders, Reports } from '../../../src/words/desk.ts';
import { scratchPlace, trapline, type Ran } from '../../support/cli/command-line.ts';
import { keptLog, memoryDesk, STATUS } from '../../support/control/desk.ts';

const place = scratchPlace();
const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
afterAll(() => place.remove());

const row = (network: string, more: Partial<BanRow> = {}): BanRow => ({
  network,
  jail: 'manual',
  since: STATUS.since,
  until: null,
  offence: 1,
  origin: 'hand',
  reason: '',
  ...more,
});

const NFT =
  'nftables: nft -f -: Operation not permitted (you must be root): CAP_NET_ADMIN is missing (a container? see "systemctl cat trapline")';

/** Runs a command with a daemon that answers in this way. */
async function run(answers: Partial<Reports & Orders>, ...words: string[]): Promise<Ran> {
  const group = String(process.getgid?.() ?? 0);
  servers.push(await serveControl(memoryDesk(answers), { socket: place.at('socket'), mode: 0o600, group }, keptLog().log));
  return trapline([...words, '--socket', place.at('socket')]);
}

const listing = (...rows: readonly BanRow[]): Partial<Reports> => ({ bans: () => [rows] });

describe('A2: a firewall that does not hold the bans of the ledger', () => {
  it('makes `bans` print the bans, then name those that are not in force, with exit code 69', async () => {
    const { code, out, err } = await run(listing(row('203.0.113.7', { owed: NFT }), row('203.0.113.8')), 'bans');
    expect(code).toBe(69);
    expect(out).toMatch(/^NETWORK .*\n203\.0\.113\.7 .*\n203\.0\.113\.8 .*\n$/);
    expect(err).toBe(`trapline: 203.0.113.7: recorded, not in force: ${NFT}; it is tried again until it succeeds\n`);
  });

  it('makes `bans --json` print the reason of each ban, with exit code 69', async () => {
    const { code, out } = await run(listing(row('203.0.113.7', { owed: NFT }), row('203.0.113.8')), 'bans', '--json');
    expect(code).toBe(69);
    expect(JSON.parse(out)).toEqual([row('203.0.113.7', { owed: NFT }), row('203.0.113.8')]);
  });

  it('is named with the number of the bans when there are many', async () => {
    const many = Array.from({ length: 12 }, (_, index) => row(`203.0.113.${index}`, { owed: NFT }));
    expect((await run(listing(...many, row('192.0.2.1')), 'bans')).err).toMatch(
      /^trapline: 12 bans of 13: recorded, not in force: nftables: nft /,
    );
  });

  it('makes `ban` and `unban` end with exit code 69', async () => {
    const owes = async (): Promise<readonly BanRow[]> => [row('203.0.113.7', { owed: NFT })];
    const banned = await run({ ban: owes }, 'ban', '203.0.113.7');
    expect([banned.code, banned.err]).toEqual([
      69,
      `trapline: 203.0.113.7: recorded, not in force: ${NFT}; it is tried again until it succeeds\n`,
    ]);
    await Promise.all(servers.splice(0).map((server) => server.close()));
    const lifted = await run({ unban: owes }, 'unban', '203.0.113.7');
    expect(lifted).toEqual({
      code: 69,
      out: 'unbanned 203.0.113.7 (manual)\n',
      err: `trapline: 203.0.113.7: recorded, not removed from the firewall yet: ${NFT}; it is tried again until it succeeds\n`,
    });
  });

  it('does not change the answer when the firewall holds every ban', async () => {
    expect(await run(listing(), 'bans')).toEqual({ code: 0, out: 'no bans\n', err: '' });
  });
});

describe('`trapline bans` without a daemon', () => {
  const config = place.at('trapline.yaml');
  const alone = async (...words: string[]): Promise<Ran> => {
    const ran = await trapline([...words, '--config', config]);
    return { ...ran, out: ran.out.replaceAll(/^would .*\n/gm, '') };
  };

  it('N022: finds the ban that covers an address or a network, in JSON too', async () => {
    writeFileSync(config, `actions: [print]\nstate: ${place.at('trapline.db')}\ncontrol: {socket: ${place.at('none.sock')}}\n`);
    await alone('ban', '203.0.113.0/24', '2001:db8:99::/64', '--forever', '--reason', 'bulk house');
    for (const [asked, network] of [
      ['203.0.113.7', '203.0.113.0/24'],
      ['203.0.113.0/25', '203.0.113.0/24'],
      ['203.0.113.0/24', '203.0.113.0/24'],
      ['2001:db8:99::10', '2001:db8:99::/64'],
    ] as const) {
      const { code, out } = await alone('bans', asked);
      expect([code, out.split('\n')[1]]).toEqual([0, expect.stringMatching(new RegExp(`^${network} .* never .* bulk house$`))]);
      expect(JSON.parse((await alone('bans', asked, '--json')).out)).toMatchObject([{ network }]);
    }
    expect((await alone('bans', '203.0.114.7')).out).toBe('no bans\n');
  });
});
