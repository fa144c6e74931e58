import { writeFileSync } from 'node:fs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { BanRow } from '../../../src/words/desk.ts';
import { scratchPlace, trapline, type Ran } from '../../support/cli/command-line.ts';

const place = scratchPlace();
afterAll(() => place.remove());

let number = 0;
beforeEach(() => {
  number += 1;
  const control = `control: {socket: ${place.at('none.sock')}}\n`;
  writeFileSync(
    place.at('trapline.yaml'),
    `actions: [print]\nstate: ${place.at(`${number}.db`)}\n${control}defaults: {bantime: 2h}\n`,
  );
});

const run = (words: readonly string[], input?: string): Promise<Ran> =>
  trapline([...words, '--config', place.at('trapline.yaml')], input);

/** The bans that a command printed as JSON. The print action may have printed lines before the JSON. */
const rowsOf = ({ out }: Ran): readonly BanRow[] => JSON.parse(out.slice(out.indexOf('['))) as readonly BanRow[];

/** The duration of a ban in milliseconds. */
const length = ({ since, until }: BanRow): number | null => (until === null ? null : Date.parse(until) - Date.parse(since));

describe('trapline ban', () => {
  it.each([
    ['for the bantime in the defaults', [], 7_200_000],
    ['for the given time', ['--for', '90s'], 90_000],
    ['for ever', ['--forever'], null],
  ])('bans %s', async (_what, flags, expected) => {
    const ran = await run(['ban', '203.0.113.7', ...flags, '--json']);
    expect(ran.code).toBe(0);
    expect(rowsOf(ran).map(length)).toEqual([expected]);
  });

  it('records the reason, and prints a table', async () => {
    const { code, out } = await run(['ban', '203.0.113.7', '--reason', 'guessed passwords']);
    expect(code).toBe(0);
    expect(out).toMatch(/^203\.0\.113\.7 .*guessed passwords$/m);
    expect(rowsOf(await run(['bans', '--json']))).toEqual([
      expect.objectContaining({ reason: 'guessed passwords', origin: 'hand' }),
    ]);
  });

  it('reads networks from standard input, one per line, and ignores comments and empty lines', async () => {
    const ran = await run(['ban', '-', '--json'], '# spammers\n203.0.113.7\n\n  2001:db8:bad::/48 # a net\n');
    expect(rowsOf(ran).map(({ network }) => network)).toEqual(['203.0.113.7', '2001:db8:bad::/48']);
  });

  it('bans nothing when standard input contains no network', async () => {
    const { code, err } = await run(['ban', '-'], '# nothing\n\n');
    expect(code).toBe(64);
    expect(err).toBe('trapline: standard input: no network in it, write one per line; nothing was banned\n');
  });

  it('bans an allow-listed address only with --force', async () => {
    writeFileSync(
      place.at('trapline.yaml'),
      `actions: [print]\nstate: ${place.at('f.db')}\ncontrol: {socket: ${place.at('none.sock')}}\ndefaults: {ignoreip: [203.0.113.7]}\n`,
    );
    expect((await run(['ban', '203.0.113.7'])).code).toBe(64);
    expect((await run(['ban', '203.0.113.7', '--force'])).code).toBe(0);
  });

  it('A5: reports the replaced ban when it shortens a ban by hand or drops its reason', async () => {
    await run(['ban', '203.0.113.7', '--for', '4h', '--reason', 'guessed passwords']);
    const shorter = await run(['ban', '203.0.113.7', '--for', '1h']);
    expect(shorter.out).toMatch(
      /\n203\.0\.113\.7: replaced a ban by hand that would have ended \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(in 4h\), with the reason "guessed passwords"\n$/,
    );
    expect((await run(['ban', '203.0.113.7', '--forever'])).out).not.toContain('replaced');
    expect((await run(['ban', '203.0.113.7'])).out).toMatch(/\n203\.0\.113\.7: replaced a ban by hand without an end\n$/);
  });

  it('A5: has the replaced ban in its JSON', async () => {
    await run(['ban', '203.0.113.7', '--forever', '--reason', 'bulk house']);
    expect(rowsOf(await run(['ban', '203.0.113.7', '203.0.113.8', '--json']))).toMatchObject([
      { network: '203.0.113.7', replaced: { until: null, reason: 'bulk house' } },
      { network: '203.0.113.8' },
    ]);
    expect(rowsOf(await run(['ban', '203.0.113.7', '--json']))[0]?.replaced).toBeUndefined();
  });
});
