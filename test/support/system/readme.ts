// Reads the commands from the README, so that the tests run exactly these commands.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the blocks of code below a bold heading, such as `2. Install`, up to the next bold heading. Each block ends with a newline. */
export function readme(heading: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'README.md'), 'utf8');
  const section = text.split(/^\*\*/m).find((part) => part.startsWith(heading));
  const blocks = [...(section ?? '').matchAll(/^```\n(.*?)^```$/gms)].map(([, block = '']) => block);
  if (blocks.length === 0) throw new Error(`README.md: no block of code below "${heading}"`);
  return blocks;
}
