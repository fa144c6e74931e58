import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

const ROUNDS = join(import.meta.dirname, '..', '..', 'bench', 'crash-rounds.mjs');

interface Database {
  exec(sql: string): void;
  close(): void;
}

/** Locks the ledger, as another program may do. The daemon then still reads lines and bans clients, but it cannot record anything. */
function holdLedger(path: string): () => void {
  const Engine = createRequire(import.meta.url)('libsql') as new (path: string) => Database;
  const database = new Engine(path);
  database.exec('BEGIN IMMEDIATE');
  return () => {
    database.exec('ROLLBACK');
    database.close();
  };
}

describe.runIf(root)('a kill at any moment', () => {
  beforeAll(() => compile(), 120_000);

  it('leaves the ledger, the firewall and the acknowledged requests consistent in 40 rounds', { timeout: 300_000 }, async () => {
    const program = spawn(process.execPath, [ROUNDS, '40'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = once(program, 'close');
    const [line] = (await program.stdout.toArray()) as Buffer[];
    const result = JSON.parse(String(line)) as Record<string, unknown>;
    expect(result).toMatchObject({ rounds: 40, faults: [] });
    expect(await said).toEqual([0, null]);
  });
});

describe.runIf(root)('a killed daemon', () => {
  let world: World;

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.remove());

  const hitsOf = (): unknown =>
    world.rows('SELECT address, count(*) AS times FROM hits GROUP BY address ORDER BY address').map(Object.values);

  it('R10: counts once each hit that led to a ban but was not recorded before the kill', async () => {
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await eventually('the first hit is recorded', async () => (await world.status()).hits === 1);
    const release = holdLedger(world.state);
    world.write(trapLine('203.0.113.2'), trapLine('203.0.113.3'), trapLine('203.0.113.2', { number: 2 }));
    await eventually('the bans are in force', () => world.firewall().size === 3);
    await world.kill();
    release();
    expect(hitsOf()).toEqual([['203.0.113.1', 1]]);
    await world.start();
    await eventually('all hits are recorded', async () => (await world.status()).hits === 4);
    expect(hitsOf()).toEqual([
      ['203.0.113.1', 1],
      ['203.0.113.2', 2],
      ['203.0.113.3', 1],
    ]);
    expect([...world.firewall().keys()].toSorted()).toEqual(['203.0.113.1', '203.0.113.2', '203.0.113.3']);
    expect(world.rows('SELECT count(*) AS offences FROM offences')).toEqual([{ offences: 3 }]);
  });

  it('resumes at the recorded place in its log when it was killed before the first hit', async () => {
    world.configure(`sources: ['${world.log}']`);
    world.write(trapLine('203.0.113.1'));
    await world.start();
    await eventually('a cursor is stored', () => world.rows('SELECT source FROM cursors').length === 1);
    await world.kill();
    world.write(trapLine('203.0.113.2'));
    await world.start();
    await eventually('the hit is recorded', async () => (await world.status()).hits === 1);
    expect(hitsOf()).toEqual([['203.0.113.2', 1]]);
  });

  it('leaves the bans in the firewall, and keeps them after the restart', async () => {
    await world.start();
    await world.ban(['203.0.113.7', '2001:db8::/64'], { duration: null });
    await world.kill();
    expect([...world.firewall().keys()].toSorted()).toEqual(['2001:db8::/64', '203.0.113.7']);
    await world.start();
    expect([...world.firewall().keys()].toSorted()).toEqual(['2001:db8::/64', '203.0.113.7']);
    expect((await world.bans()).map((ban) => ban.network).toSorted()).toEqual(['2001:db8::/64', '203.0.113.7']);
  });
});
