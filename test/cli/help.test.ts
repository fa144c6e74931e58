import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../src/cli/help.ts';
import { trapline } from '../support/cli/command-line.ts';

const COMMANDS = ['run', 'backfill', 'ban', 'unban', 'bans', 'status', 'reload', 'check', 'test'];

const helpOf = async (...words: readonly string[]): Promise<string> => {
  const { code, out, err } = await trapline(words);
  expect([code, err]).toEqual([0, '']);
  return out;
};

describe('the help', () => {
  it.each(['backfill', 'check', 'test', 'run', 'reload'])('of %s is as in the file test/fixtures/help', async (command) => {
    await expect(await helpOf(command, '--help')).toMatchFileSnapshot(`../fixtures/help/${command}.txt`);
  });

  it('lists every command with its description', async () => {
    const out = await helpOf('--help');
    expect(out).toMatch(/^ {2}trapline COMMAND \[OPTIONS\]$/m);
    for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command} +[A-Z]`, 'm'));
  });

  it('is equal for "trapline help", "trapline --help" and "trapline"', async () => {
    const out = await helpOf('--help');
    expect([await helpOf('help'), await helpOf()]).toEqual([out, out]);
  });

  it.each(COMMANDS)('of %s names the value of each option, has examples, and fits on 80 columns', async (command) => {
    const out = await helpOf('help', command);
    expect(out).toBe(await helpOf(command, '--help'));
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(out).toMatch(new RegExp(`^  trapline ${command} .*\\[OPTIONS\\]$`, 'm'));
    expect(out).toMatch(/^ {2}--config FILE {2,}[A-Z]/m);
    expect(out).toContain('\nEXAMPLES\n');
    expect(out).not.toMatch(/default = |\[--/);
  });

  it('has examples of each command, and of no other word', () => {
    expect(Object.keys(EXAMPLES).toSorted()).toEqual(COMMANDS.toSorted());
    for (const [command, examples] of Object.entries(EXAMPLES)) {
      for (const [line] of examples) expect(line).toContain(`trapline ${command}`);
    }
  });
});
