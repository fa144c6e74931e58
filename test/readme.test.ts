// The README without a machine; test/system/readme.test.ts runs its commands.
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { blocksBelow, commandsOf, readme, sectionsOf } from './support/system/readme.ts';
import { Shell } from './support/system/shell.ts';

/** Opens the shell on this host in place of a machine. */
const open = (): Shell => new Shell({ spawn: (program = '', ...args) => spawn(program, args) }, '/usr', ['GIVEN=variable']);

describe('the README', () => {
  it('has its commands in blocks that test:system can run, below the headings of the steps', () => {
    const headings = readme().map(({ heading }) => heading);
    expect(headings.map((heading) => heading.replace(/^(\d\.).*/, '$1'))).toEqual([
      'Try it',
      ...Array.from({ length: 9 }, (_, index) => `${index + 1}.`),
    ]);
    for (const { blocks } of readme()) expect(blocks.flatMap(commandsOf).length).toBeGreaterThan(0);
  });

  it('changes the folder in no command, because the shell would stay in that folder', () => {
    const commands = readme().flatMap(({ blocks }) => blocks.flatMap(commandsOf));
    expect(commands.filter((command) => /\b(?:cd|pushd)\b/.test(command))).toEqual([]);
  });

  it('compiles and packs in the first block of step 2, and installs the unit in the second block', () => {
    const [first = '', second = '', ...more] = blocksBelow('2. Install');
    expect([first.includes('npm pack'), second.includes('npm pack'), second.includes('trapline.service'), more]).toEqual([
      true,
      false,
      true,
      [],
    ]);
  });

  it('is refused when a block is not marked as sh', () => {
    expect(() => sectionsOf('**1. A step.** Text\n```\nls\n```\n')).toThrow(
      'the block below "1. A step" is marked as "", not as "sh"',
    );
    expect(sectionsOf('# A\n\n**1. B.** Text\n```sh\nls\n\npwd\n```\n**bold**\n```sh\nid\n```\n')).toEqual([
      { heading: '1. B', blocks: ['ls\n\npwd', 'id'] },
    ]);
  });

  it('is split into commands as a shell reads them', () => {
    const block = "a && b\ncat >x <<'EOF'\none\nEOF\nfor f in 1 2; do\n  echo $f\ndone\nc \\\n  d\ne |\n  f\ng 'h\ni'";
    expect(commandsOf(block)).toEqual([
      'a && b',
      "cat >x <<'EOF'\none\nEOF",
      'for f in 1 2; do\n  echo $f\ndone',
      'c \\\n  d',
      'e |\n  f',
      "g 'h\ni'",
    ]);
    expect(() => commandsOf("echo 'x")).toThrow("this command is incomplete: echo 'x");
  });
});

describe('the shell that runs the README', () => {
  it('keeps variables and the folder from command to command', async () => {
    const shell = open();
    expect(await shell.run('kept=$GIVEN; cd /usr/bin')).toBe('');
    expect(shell.folder).toBe('/usr/bin');
    expect(await shell.run('echo "$kept"; cat; echo late >&2')).toBe('variable\nlate\n');
    await shell.close();
  });

  it.each([
    ['false && true', 1],
    ['false | true', 1],
    ['no-such-program', 127],
  ])('rejects "%s", and goes on', async (command, code) => {
    const shell = open();
    await expect(shell.run(command)).rejects.toThrow(`"${command}" ended with ${code}: `);
    expect(await shell.run('echo on')).toBe('on\n');
    await shell.close();
  });

  it('rejects a command that ends the shell', async () => {
    const shell = open();
    await expect(shell.run('echo over; exit 0')).rejects.toThrow('"echo over; exit 0" has ended the shell: over');
    await shell.close();
  });
});
