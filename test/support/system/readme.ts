// Reads the commands from the README, so that the tests run exactly these commands.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One heading of the README, such as `2. Install Trapline`, and the blocks of commands below it, up to the next heading. */
export interface Section {
  readonly heading: string;
  readonly blocks: readonly string[];
}

/** Returns the sections of a README that have commands, in order. Rejects a block that is not marked as `sh`, because no test would run it. */
export function sectionsOf(text: string): readonly Section[] {
  const sections: { heading: string; blocks: string[] }[] = [];
  let [heading, block]: [string, string[] | undefined] = ['', undefined];
  for (const line of text.split('\n')) {
    const [, mark] = /^ *```(.*)$/.exec(line) ?? [];
    if (mark === undefined && block) block.push(line);
    else if (mark === undefined) heading = /^(?:#+ |\*\*(?=\d))([^*]+?)[.:]?(?:\*\*|$)/.exec(line)?.[1] ?? heading;
    else if (block) {
      if (sections.at(-1)?.heading !== heading) sections.push({ heading, blocks: [] });
      sections.at(-1)?.blocks.push(block.join('\n'));
      block = undefined;
    } else if (mark === 'sh') block = [];
    else throw new Error(`README.md: the block below "${heading}" is marked as "${mark}", not as "sh"`);
  }
  return sections;
}

/** The sections of the README that have commands. */
export function readme(): readonly Section[] {
  return sectionsOf(readFileSync(join(import.meta.dirname, '..', '..', '..', 'README.md'), 'utf8'));
}

/** Returns the blocks of the section whose heading begins with these words. */
export function blocksBelow(words: string): readonly string[] {
  const section = readme().find(({ heading }) => heading.startsWith(words));
  if (!section) throw new Error(`README.md: no commands below "${words}"`);
  return section.blocks;
}

/** Splits a block into the commands that a person would type one after the other. A command may have several lines. */
export function commandsOf(block: string): readonly string[] {
  const commands: string[] = [];
  let open = '';
  for (const line of block.split('\n')) {
    open = open === '' ? line : `${open}\n${line}`;
    if (open.endsWith('\\')) continue;
    // bash reports an incomplete command as an error, and an incomplete here-document as a warning.
    const { status, stderr } = spawnSync('bash', ['--norc', '-n', '-c', open], { encoding: 'utf8' });
    if (status !== 0 || stderr !== '') continue;
    commands.push(open);
    open = '';
  }
  if (open !== '') throw new Error(`README.md: this command is incomplete: ${open}`);
  return commands;
}
