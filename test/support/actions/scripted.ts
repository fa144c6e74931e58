// Action files whose programs are shell scripts.
import { readFileSync } from 'node:fs';
import { quoted } from '../shell.ts';
import type { Folder } from './words.ts';

/** An action file, and the calls of its programs. */
export interface Scripted {
  /** The path of the action file. */
  readonly path: string;
  /** The calls so far, such as `ban -f 192.0.2.7`: the name of the program, its arguments and its input. */
  readonly calls: () => string[];
  /** Returns the name of the script of a program in the folder. */
  readonly script: (program: string) => string;
}

const PROGRAMS = ['ban', 'unban', 'open', 'list', 'replace', 'close', 'probe'];

let made = 0;

/**
 * Writes an action file with these steps into the folder. `$ban`, `$open` and so on stand for scripts that record their arguments and input.
 * `scripts`: further shell code for some of these scripts, by name. `$` with any other name stands for a missing program.
 */
export function scripted(folder: Folder, steps: string, scripts: Readonly<Record<string, string>> = {}): Scripted {
  made += 1;
  const own = made;
  const calls = folder.write(`calls${own}`, '');
  const script = (program: string): string => `${program}${own}`;
  for (const program of PROGRAMS) {
    const text = `#!/bin/sh\ninput=$(cat | tr '\\n' ' ')\necho "${program} $* $input" >>${quoted(calls)}\n${scripts[program] ?? ''}\n`;
    folder.write(script(program), text, 0o755);
  }
  const text = steps.replaceAll(/\$(\w+)/g, (_, program: string) => `${folder.path}/${script(program)}`);
  const path = folder.write(`action${own}.yaml`, `name: mine\ndescription: mine\n${text}\nexamples: [{ verb: open }]\n`);
  return {
    path,
    script,
    calls: () =>
      readFileSync(calls, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.replaceAll(/ +/g, ' ').trim()),
  };
}
