// The operator backfills a pipe, a folder, a device, a missing file, a loop, a zip file, a file of the kernel, and damaged archives. /dev/null is not
// among them: it is an empty log, whose backfill succeeds and prints that it has no line of Postfix.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { attack, must } from '../lib/attack.mjs';
import { backfill, counted, hit } from '../lib/log-files.mjs';

await attack('a backfill of an unusable file ends with one line that names it; hits before a damage are kept', async (world) => {
  const at = (name) => `${world.folder}/${name}`;
  execFileSync('mkfifo', [at('pipe')]);
  mkdirSync(at('folder'));
  symlinkSync('loop', at('loop'));
  writeFileSync(at('zip'), 'PK\u0003\u0004....');
  const packed = gzipSync(hit(1) + 'x'.repeat(100_000).replaceAll('x', () => String(Math.random())) + '\n');
  writeFileSync(at('short.gz'), packed.subarray(0, packed.length - 1000));
  writeFileSync(at('name\n\u001b[2J'), Buffer.from([0x1f, 0x8b, 8, 0]));
  writeFileSync(at('bad.xz'), Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2, 3]));
  for (const path of [
    at('pipe'),
    at('folder'),
    at('missing'),
    at('loop'),
    at('zip'),
    '/proc/kmsg',
    '/dev/zero',
    at('short.gz'),
    at('name\n\u001b[2J'),
    at('bad.xz'),
  ]) {
    const { status, stdout, stderr } = backfill(world, path);
    must(status !== 0 && status !== null && status < 100, `the backfill of ${path} ended with ${status}: ${stdout}${stderr}`);
    const lines = stderr
      .split('\n')
      .filter((line) => line.startsWith('trapline: ') || !/^\S/.test(line))
      .filter((line) => line !== '');
    must(
      lines.length <= 1 && stderr.trim() !== '' && !stderr.includes('\u001b') && !/\n\s+at /.test(stderr),
      `the backfill of ${path} printed ${JSON.stringify(stderr)}`,
    );
  }
  await counted(world, 1);
});
