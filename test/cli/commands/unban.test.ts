import { writeFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { scratchPlace, trapline, type Ran } from '../../support/cli/command-line.ts';

const place = scratchPlace();
afterAll(() => place.remove());

let number = 0;
beforeEach(() => {
  number += 1;
  const control = `control: {socket: ${place.at('none.sock')}}\n`;
  writeFileSync(place.at('trapline.yaml'), `actions: [print]\nstate: ${place.at(`${number}.db`)}\n${control}`);
});

/** Runs a command without a daemon. Lines of the print action are left out. */
async function run(...words: string[]): Promise<Ran> {
  const ran = await trapline([...words, '--config', place.at('trapline.yaml')]);
  return { ...ran, out: ran.out.replaceAll(/^would .*\n/gm, '') };
}

describe('trapline unban', () => {
  it('C7: reports that an address is not banned, also among addresses that are banned', async () => {
    await run('ban', '203.0.113.7');
    expect(await run('unban', '203.0.113.99')).toEqual({ code: 0, out: '203.0.113.99 is not banned\n', err: '' });
    expect(await run('unban', '203.0.113.99', '203.0.113.7')).toEqual({
      code: 0,
      out: 'unbanned 203.0.113.7 (manual)\n203.0.113.99 is not banned\n',
      err: '',
    });
    expect((await run('unban', '203.0.113.7', '--json')).out).toBe('[]\n');
    expect((await run('unban', '--all')).out).toBe('no bans\n');
  });

  it('N047: names the network to unban for a part of a banned network, also when other bans were lifted', async () => {
    await run('ban', '203.0.113.0/24', '198.51.100.1', '198.51.100.2');
    expect(await run('unban', '203.0.113.7')).toMatchObject({
      code: 64,
      err: 'trapline: 203.0.113.7 is banned as a part of 203.0.113.0/24, unban that network; nothing was lifted\n',
    });
    expect((await run('unban', '198.51.100.0/24', '203.0.113.7')).out).toBe(
      'unbanned 198.51.100.1 (manual)\nunbanned 198.51.100.2 (manual)\n2 bans lifted\n203.0.113.7 is banned as a part of 203.0.113.0/24, unban that network\n',
    );
  });

  it('C8: forgets past offences with --forgive, also of an address that is not banned', async () => {
    await run('ban', '203.0.113.7');
    expect((await run('unban', '203.0.113.7', '--forgive')).out).toBe(
      'unbanned 203.0.113.7 (manual); its past offences are forgotten\n',
    );
    expect((await run('unban', '203.0.113.7', '--forgive')).out).toBe(
      '203.0.113.7 is not banned; its past offences are forgotten\n',
    );
  });

  it('C8: has a help that names the records which an unban keeps', async () => {
    const { out } = await trapline(['unban', '--help']);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      'An unban leaves the hits and past offences of the client on record: its next hit bans it again, and for longer, as after a ban that has ended. With --forgive, its past offences are forgotten',
    );
  });

  it('names at most ten of the addresses that are not banned', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `203.0.113.${index}`);
    const lines = (await run('unban', ...many)).out.trimEnd().split('\n');
    expect(lines).toHaveLength(11);
    expect(lines.at(-1)).toBe('no ban was lifted in 2 more networks');
  });
});
