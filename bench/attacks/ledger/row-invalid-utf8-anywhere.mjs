// Another program writes text that is not UTF-8 into every column of every table.
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { command, crash, hit, sql } from '../lib/ledger.mjs';

await attack('text that is not UTF-8 ends neither the daemon nor a command, in any column', async (world) => {
  await hit(world, ['203.0.113.1'], 1);
  const bad = "CAST(x'ff41' AS TEXT)";
  const tables = { bans: 'rowid', offences: 'id', hits: 'id', tallies: '', cursors: '', riders: '' };
  for (const table of Object.keys(tables)) {
    const columns = sql(world, `SELECT name FROM pragma_table_info('${table}') WHERE name != 'id'`).split('\n');
    for (const column of columns) {
      const values = columns.map((name) =>
        name === column ? bad : name === 'jail' ? "'spamtrap'" : name === 'verdict' ? "'watch'" : '1',
      );
      sql(world, `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}) VALUES (${values.join(', ')})`);
    }
  }
  await world.status();
  await world.bans();
  const listed = command(world, ['bans'], { alone: true });
  must(listed.status === 0, `trapline bans ended with ${listed.status ?? listed.signal}: ${listed.stderr}`);
  world.configure('defaults: { maxretry: 3, findtime: 1h }');
  await world.reload();
  await crash(world);
  await world.unban(['198.51.100.0/24']);
  await onlyBanned(world, ['203.0.113.1']);
  world.configure('');
  await world.reload();
});
