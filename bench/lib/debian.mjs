// Unpacks Debian packages into a folder, so that their programs can be run. The packages are not installed, and their services are not started.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(tmpdir(), 'trapline-bench', 'debian');

/** Returns the folder with the unpacked package. When the package is not available, calls `say` with the reason and returns undefined. */
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
    say(`${name} is left out: its Debian package is not available (${String(thrown.message).split('\n')[0]})`);
    return undefined;
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}
