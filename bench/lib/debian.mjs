// Programs from Debian's packages, unpacked into a folder beside the system: nothing is installed, and none of their services is started.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(tmpdir(), 'trapline-bench', 'debian');

/** The folder in which a package is unpacked; undefined, with a word to `say`, when it cannot be had here. */
export function unpacked(name, say) {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  if (!existsSync('/etc/debian_version')) {
    say(`${name} is left out: it is taken from Debian's packages, and this is not Debian`);
    return undefined;
  }
  mkdirSync(CACHE, { recursive: true });
  const workshop = mkdtempSync(join(CACHE, 'get-'));
  const quiet = { cwd: workshop, stdio: ['ignore', 'ignore', 'ignore'] };
  try {
    say(`fetching the Debian package ${name}`);
    try {
      execFileSync('apt-get', ['download', '-qq', name], quiet);
    } catch {
      execFileSync('apt-get', ['update', '-qq'], quiet);
      execFileSync('apt-get', ['download', '-qq', name], quiet);
    }
    const [file = ''] = readdirSync(workshop);
    execFileSync('dpkg-deb', ['-x', join(workshop, file), join(workshop, 'root')]);
    renameSync(join(workshop, 'root'), folder);
    return folder;
  } catch (thrown) {
    say(`${name} is left out: its Debian package cannot be had (${String(thrown.message).split('\n')[0]})`);
    return undefined;
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}
