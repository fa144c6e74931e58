// In several starts, the ledger is a file of two bytes, a text, a compressed file, or a database that ends after its header.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { attack, must } from '../lib/attack.mjs';
import { refusesStart } from '../lib/ledger.mjs';

await attack(
  'a file that is no ledger is refused in one line and not changed',
  async (world) => {
    await world.stop();
    const whole = readFileSync(world.state);
    for (const bytes of [
      Buffer.from('xy'),
      Buffer.from('a text\n'.repeat(2000)),
      gzipSync(whole),
      whole.subarray(0, 100),
      whole.subarray(0, 4196),
    ]) {
      for (const suffix of ['-wal', '-shm']) rmSync(`${world.state}${suffix}`, { force: true });
      writeFileSync(world.state, bytes);
      await refusesStart(world, /trapline\.db: .*(it is damaged or not a ledger|another program)/);
      must(readFileSync(world.state).equals(bytes), `a file of ${bytes.length} bytes was changed`);
    }
  },
  { after: false },
);
