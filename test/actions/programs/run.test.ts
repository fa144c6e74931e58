import { afterAll, describe, expect, it } from 'vitest';
import { readListing, run } from '../../../src/actions/programs/run.ts';
import { ActionError } from '../../../src/errors.ts';
import { Folder } from '../../support/actions-words.ts';

const folder = new Folder();
afterAll(() => folder.remove());

const TERMS = { deadline: 10_000 };
const script = (name: string, text: string): string => folder.write(name, `#!/bin/sh\n${text}\n`, 0o755);

describe('run', () => {
  it('resolves to the output, when there is an interest in it', async () => {
    const argv = [script('says', 'cat')];
    expect(await run({ argv, stdin: 'hello' }, TERMS, { keep: 100 })).toEqual({ output: 'hello' });
  });

  it('resolves to the first line that a failing program writes on standard error, made printable', async () => {
    const argv = [script('fails', 'printf "# Warning: old tables\\n\\nError: \\033[31mno room\\nmore\\n" >&2; exit 1'), 'add', '-'];
    expect(await run({ argv }, TERMS)).toEqual({ refused: `${argv.join(' ')}: Error: \\u{1b}[31mno room` });
    expect(await run({ argv: [script('mute', 'exit 7')] }, TERMS)).toEqual({ refused: `${folder.path}/mute: exit code 7` });
  });

  it('lets pass what is to be ignored, when it is all there is', async () => {
    const some = script('some', 'echo "no entry for 192.0.2.7" >&2; exit 1');
    const more = script('more', 'echo "no entry for 192.0.2.7" >&2; echo "disk full" >&2; exit 1');
    const ignore = /no entry for/;
    expect(await run({ argv: [some] }, TERMS, { ignore })).toEqual({ output: '' });
    expect(await run({ argv: [more] }, TERMS, { ignore })).toEqual({ refused: `${more}: no entry for 192.0.2.7` });
  });

  it('says what to install when the program is missing', async () => {
    const terms = { ...TERMS, install: { 'no-nft-here': 'the package nftables' } };
    await expect(run({ argv: ['no-nft-here', '-f', '-'] }, terms)).rejects.toThrow(
      new ActionError('no-nft-here: not found, install the package nftables'),
    );
  });

  it('rejects when the program hangs, is killed, or prints more than can be kept', async () => {
    const hangs = script('hangs', 'sleep 600');
    await expect(run({ argv: [hangs] }, { deadline: 200 })).rejects.toThrow(
      `${hangs}: did not end within 0.2 s; killed with its children`,
    );
    const killed = script('killed', 'kill -TERM $$');
    await expect(run({ argv: [killed] }, TERMS)).rejects.toThrow(`${killed}: ended by SIGTERM`);
    const endless = script('endless', 'head -c 100000 /dev/zero');
    await expect(run({ argv: [endless] }, TERMS, { keep: 1000 })).rejects.toThrow('the answer is longer than 1000 bytes');
    expect(await run({ argv: [endless] }, TERMS)).toHaveProperty('output');
  });
});

describe('readListing', () => {
  it('reads the one group of a pattern from each line, in canonical form', () => {
    const output = 'add a 192.0.2.7 timeout 5\nadd a 198.51.100.0/24\nadd a 2001:DB8:0:0::1\nadd a eth0\n';
    expect(readListing(output, '^add a (\\S+)')).toEqual(['192.0.2.7/32', '198.51.100.0/24', '2001:db8::1/128']);
  });

  it('reads nft sets by the prefix length in their names, when a rule looks into them', () => {
    const output = JSON.stringify({
      nftables: [
        { metainfo: {} },
        { set: { name: 'ipv4_24', elem: ['192.0.2.0', { elem: { val: '198.51.100.0', timeout: 5 } }] } },
        { set: { name: 'ipv6_64', elem: ['2001:db8::'] } },
        { set: { name: 'ipv4_32' } },
        { set: { name: 'other', elem: ['192.0.2.9'] } },
        { rule: { expr: [{ match: { right: '@ipv4_24' } }, { match: { right: '@other' } }] } },
      ],
    });
    expect(readListing(output, 'nft-json')).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
    expect(readListing('', 'nft-json')).toEqual([]);
    expect(() => readListing('{', 'nft-json')).toThrow(ActionError);
  });
});
