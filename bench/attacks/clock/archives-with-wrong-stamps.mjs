// The files of old logs without years have modification times of 2106, of 1970 and of tomorrow.
import { execFileSync } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { clockAttack, command, dated } from '../lib/clock.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await clockAttack(
  'no modification time of a file makes the bans of an old log begin now',
  async (world) => {
    const text = Array.from({ length: 50 }, (_, index) =>
      dated(`Mar ${String(1 + (index % 28)).padStart(2)} 10:00:00`, `203.0.113.${1 + index}`, index),
    ).join('');
    const plain = join(world.folder, 'old.log');
    for (const stamp of [4_294_967_295, 1, 2 ** 31, 1_800_000_000]) {
      writeFileSync(plain, text);
      utimesSync(plain, stamp, stamp);
      const packed = gzipSync(text);
      packed.writeUInt32LE(stamp, 4);
      writeFileSync(`${plain}.gz`, packed);
      for (const file of [plain, `${plain}.gz`]) {
        const { code, stderr } = command(world, ['backfill', file]);
        must(code === 0 && stderr === '', `${file} of ${stamp}: ${code} ${stderr}`);
        await onlyBanned(world, []);
      }
    }
    execFileSync('touch', ['-d', '2026-11-26', plain]);
    must(command(world, ['backfill', plain]).code === 0, 'tomorrow');
    await onlyBanned(world, []);
  },
  { at: '2026-11-25T13:00:00Z' },
);
