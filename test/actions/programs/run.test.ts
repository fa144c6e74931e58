import { afterAll, describe, expect, it } from 'vitest';
import { run, UnusableProgram } from '../../../src/actions/programs/run.ts';
import { Folder } from '../../support/actions/words.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const TERMS = { deadline: 60_000 };
const script = (name: string, text: string): string => folder.write(name, `#!/bin/sh\n${text}\n`, 0o755);

describe('run', () => {
  it('resolves to the output if the caller reads it', async () => {
    const argv = [script('echoes', 'cat')];
    expect(await run({ argv, stdin: 'hello' }, TERMS, { keep: 100 })).toEqual({ output: 'hello' });
  });

  it('resolves to the first error line of a failing program, with control characters escaped', async () => {
    const argv = [script('fails', 'printf "# Warning: old tables\\n\\nError: \\033[31mno room\\nmore\\n" >&2; exit 1'), 'add', '-'];
    expect(await run({ argv }, TERMS)).toEqual({ refused: `${argv.join(' ')}: Error: \\u{1b}[31mno room` });
    expect(await run({ argv: [script('mute', 'exit 7')] }, TERMS)).toEqual({ refused: `${folder.path}/mute: exit code 7` });
  });

  it('counts a failure as success when all error lines match `ignore`', async () => {
    const some = script('some', 'echo "no entry for 192.0.2.7" >&2; exit 1');
    const more = script('more', 'echo "no entry for 192.0.2.7" >&2; echo "disk full" >&2; exit 1');
    const ignore = /no entry for/;
    expect(await run({ argv: [some] }, TERMS, { ignore })).toEqual({ output: '' });
    expect(await run({ argv: [more] }, TERMS, { ignore })).toEqual({ refused: `${more}: no entry for 192.0.2.7` });
  });

  it('ignores warnings when it looks for the reason of a failure and when it compares error lines with `ignore`', async () => {
    const warns = script('warns', 'echo "fw: warning: old table" >&2; echo "fw: no entry" >&2; exit 1');
    const only = script('only', 'echo "fw: warning: old table" >&2; exit 1');
    const terms = { ...TERMS, warnings: /\bwarning: / };
    expect(await run({ argv: [warns] }, terms)).toEqual({ refused: `${warns}: fw: no entry` });
    expect(await run({ argv: [warns] }, terms, { ignore: /no entry/ })).toEqual({ output: '' });
    expect(await run({ argv: [only] }, terms)).toEqual({ refused: `${only}: fw: warning: old table` });
    expect(await run({ argv: [only] }, terms, { ignore: /warning/ })).toEqual({ refused: `${only}: fw: warning: old table` });
  });

  it('names the package to install when the program is missing', async () => {
    const terms = { ...TERMS, install: { 'no-nft-here': 'the package nftables' } };
    await expect(run({ argv: ['no-nft-here', '-f', '-'] }, terms)).rejects.toThrow(
      new UnusableProgram('no-nft-here: not found, install the package nftables'),
    );
  });

  it('rejects when the program hangs, is killed, or prints more than can be kept', async () => {
    const hangs = script('hangs', 'sleep 600');
    await expect(run({ argv: [hangs] }, { deadline: 200 })).rejects.toThrow(
      new UnusableProgram(`${hangs}: did not end within 0.2 s; killed with its children`),
    );
    const killed = script('killed', 'kill -TERM $$');
    await expect(run({ argv: [killed] }, TERMS)).rejects.toThrow(`${killed}: ended by SIGTERM`);
    const endless = script('endless', 'head -c 100000 /dev/zero');
    await expect(run({ argv: [endless] }, TERMS, { keep: 1000 })).rejects.toThrow('the answer is longer than 1000 bytes');
    expect(await run({ argv: [endless] }, TERMS)).toHaveProperty('output');
  });
});
