// What the README tells people to type, so that it is that which is tried.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The blocks of code below one of the bold headings, such as `2. Install`, up to the next; each with its last newline. */
export function readme(heading: string): readonly string[] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const section = text.split(/^\*\*/m).find((part) => part.startsWith(heading));
  const blocks = [...(section ?? '').matchAll(/^```\n(.*?)^```$/gms)].map(([, block = '']) => block);
  if (blocks.length === 0) throw new Error(`README.md: nothing to type below "${heading}"`);
  return blocks;
}
