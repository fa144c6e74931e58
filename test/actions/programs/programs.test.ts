import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { Programs, type ProgramTerms } from '../../../src/actions/programs/programs.ts';
import { Folder } from '../../support/actions/words.ts';
import { until } from '../../support/until.ts';

const folder = new Folder();
const open: Programs[] = [];
afterEach(() => {
  for (const programs of open.splice(0)) programs.close();
});
afterAll(() => folder.remove());

let made = 0;

/** Writes a shell script and returns its path. In the script `$calls` is the path of a file. The function `calls` returns the lines of this file. */
function script(text: string): { path: string; calls: () => string[] } {
  made += 1;
  const file = folder.write(`calls${made}`, '');
  const path = folder.write(`script${made}`, `#!/bin/sh\ncalls=${file}\n${text}\n`, 0o755);
  return { path, calls: () => readFileSync(file, 'utf8').split('\n').filter(Boolean) };
}

function programsWith(terms: Partial<ProgramTerms> = {}): Programs {
  const programs = new Programs({ deadline: 60_000, ...terms });
  open.push(programs);
  return programs;
}

/** A session program that records each command and replies to `end`. */
const STAYS = `while read -r line; do
  if [ "$line" = end ]; then printf 'Error: unexpected\\nend\\n^^^\\n' >&2; else echo "stays: $line" >>$calls; fi
done`;

const session = (path: string, instead: string): NonNullable<ProgramTerms['session']> => ({
  argv: [path],
  instead: [instead],
  end: 'end',
  ended: '^Error: .*\\nend\\n.*\\n',
});

describe('the programs of an action', () => {
  it('run a command, and return its output if the caller reads it', async () => {
    const { path } = script('cat');
    const programs = programsWith();
    expect(await programs.run({ argv: [path], stdin: 'hello', reads: true })).toEqual({ output: 'hello' });
    expect(await programs.run({ argv: [path], stdin: 'x'.repeat(100_000), reads: false })).toHaveProperty('output');
  });

  it('try the second input of a refused command once', async () => {
    const { path, calls } = script('read -r word; echo "$word" >>$calls; echo "no $word" >&2; exit 1');
    const programs = programsWith();
    const outcome = await programs.run({ argv: [path], stdin: 'first\n', again: () => 'second\n', reads: false });
    expect(outcome).toEqual({ refused: `${path}: no second` });
    expect(calls()).toEqual(['first', 'second']);
  });

  it('do not request the second input of a command that succeeded', async () => {
    const { path } = script('exit 0');
    expect(await programsWith().run({ argv: [path], stdin: 'x', again: () => expect.unreachable(), reads: false })).toEqual({
      output: '',
    });
  });

  it('pass a short command to the session program, unless its output is read or it repairs errors of that program', async () => {
    const alone = script('echo "alone: $(cat)" >>$calls');
    const stays = script(STAYS.replaceAll('$calls', `${folder.path}/calls${made}`));
    const programs = programsWith({ session: session(stays.path, alone.path), patience: 60_000 });
    await programs.run({ argv: [alone.path], stdin: 'one', reads: false });
    await programs.run({ argv: [alone.path], stdin: 'two', reads: true });
    await programs.run({ argv: [alone.path], stdin: 'three', reads: false, corrects: true });
    await programs.run({ argv: [alone.path], stdin: 'x'.repeat(20_000), reads: false });
    expect(alone.calls().map((line) => line.slice(0, 12))).toEqual(['stays: one', 'alone: two', 'alone: three', 'alone: xxxxx']);
  });

  it('pass the second input to the session program too', async () => {
    const stays = script(
      `while read -r line; do
        if [ "$line" = bad ]; then echo 'Error: bad' >&2; fi
        if [ "$line" = end ]; then printf 'Error: unexpected\\nend\\n^^^\\n' >&2; else echo "$line" >>$calls; fi
      done`,
    );
    const programs = programsWith({ session: session(stays.path, 'fw'), patience: 60_000 });
    expect(await programs.run({ argv: ['fw'], stdin: 'bad', again: () => 'good', reads: false })).toEqual({ output: '' });
    expect(stays.calls()).toEqual(['bad', 'good']);
  });

  it.each([
    ['no extra time for 499,999 characters', 499_999, '0.1'],
    ['an extra second for 500,000 characters', 500_000, '1.1'],
    ['two extra seconds for 1,000,000 characters', 1_000_000, '2.1'],
  ])('give a command %s of input before they kill it', async (_what, length, seconds) => {
    const running = programsWith({ deadline: 100 }).run({ argv: ['sleep', '600'], stdin: 'x'.repeat(length), reads: false });
    await expect(running).rejects.toThrow(`sleep 600: did not end within ${seconds} s; killed with its children`);
  });

  it('report whether a command succeeds', async () => {
    const programs = programsWith();
    expect(await programs.succeeds(['true'])).toBe(true);
    expect(await programs.succeeds(['false'])).toBe(false);
    await expect(programs.succeeds(['trapline-no-such-program'])).rejects.toThrow('not found, install it');
  });

  it('end the running command when they are closed, and still run later commands', async () => {
    const { path, calls } = script('echo $1 >>$calls; exec sleep $1');
    const programs = programsWith();
    const running = programs.run({ argv: [path, '600'], reads: false });
    await until('the command runs', () => calls().length === 1);
    programs.close();
    await expect(running).rejects.toThrow('ended by SIGKILL');
    expect(await programs.run({ argv: [path, '0'], reads: false })).toEqual({ output: '' });
  });

  it('watch for changes of a firewall while the firewall has at most `most` elements', async () => {
    const { path, calls } = script('echo $$ >>$calls; echo changed; exec sleep 600');
    const gone = (): boolean => !isAlive(Number(calls().at(-1)));
    let heard = 0;
    const programs = programsWith({ watch: { argv: [path], lines: '^changed$', most: 10 } });
    programs.listen(1);
    expect(calls()).toEqual([]);
    programs.hear(() => (heard += 1));
    programs.listen(11);
    expect(calls()).toEqual([]);
    programs.listen(10);
    await until('a change is reported', () => heard === 1);
    programs.listen(11);
    await until('the program has ended', gone);
    programs.listen(9);
    await until('a change is reported again', () => heard === 2);
    programs.close();
    await until('the program has ended again', gone);
  });
});

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
