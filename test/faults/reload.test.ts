import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, trapLine, World } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

const hundred = Array.from({ length: 100 }, (_, n) => `203.0.113.${n + 1}`);

/** Records every change in the firewall of a world. */
class Monitor {
  readonly #child: ChildProcessWithoutNullStreams;
  #said = '';

  constructor(world: World) {
    const [program = '', ...args] = world.inside('nft', 'monitor');
    this.#child = spawn(program, args);
    this.#child.stdout.on('data', (text) => (this.#said += String(text)));
  }

  /** The recorded deletions. */
  get losses(): readonly string[] {
    return this.#said.split('\n').filter((line) => /^(?:delete|flush|destroy) (?!rule)/.test(line));
  }

  get changes(): number {
    return this.#said.split('\n').length - 1;
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}

describe.runIf(root)('a reload', () => {
  let world: World;

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World({ config: 'sync: 1s\njails: { spamtrap: { filter: postfix-spamtrap } }' });
  });
  afterEach(() => world.remove());

  const recorded = async (hits: number): Promise<unknown> =>
    eventually(`${hits} hits`, async () => (await world.status()).hits >= hits);
  /** Writes a trap line every few milliseconds until `signal` aborts. Resolves to the number of lines. */
  const writing = (signal: AbortSignal): Promise<number> =>
    (async () => {
      let written = 0;
      while (!signal.aborted) {
        written += 1;
        world.write(trapLine(`198.51.100.${written % 256}`, { number: written }));
        await sleep(5);
      }
      return written;
    })();

  it('K07: with 100 bans, a changed rule and a steady stream of lines loses no hit, and lifts no ban, not even for a moment', async () => {
    await world.start();
    world.write(...hundred.map((client) => trapLine(client)));
    await recorded(100);
    await eventually('all bans are in the firewall', () => world.firewall().size === 100);
    const monitor = new Monitor(world);
    const stop = new AbortController();
    const written = writing(stop.signal);
    for (let count = 0; count < 5; count += 1) {
      world.configure(
        `sync: 1s\njails: { spamtrap: { filter: postfix-spamtrap, rules: { helo: ${count % 2 === 0}, data: ${count % 2 === 1} } } }`,
      );
      await world.reload();
      await sleep(100);
    }
    stop.abort();
    const more = await written;
    await recorded(100 + more);
    expect((await world.status()).hits).toBe(100 + more);
    expect(world.rows('SELECT count(*) AS hits FROM hits')).toEqual([{ hits: 100 + more }]);
    const held = world.firewall();
    for (const client of hundred) expect(held.has(client)).toBe(true);
    expect(held.size).toBe(100 + Math.min(256, more));
    expect(monitor.changes).toBeGreaterThan(0);
    expect(monitor.losses).toEqual([]);
    await monitor.end();
  });

  it('applies the new rules to the lines that are read after the reload', async () => {
    await world.start();
    world.configure('jails: { spamtrap: { filter: postfix-spamtrap, rules: { recipient: false } } }');
    await world.reload();
    world.write(trapLine('203.0.113.1'));
    await eventually('the line is read', async () => (await world.status()).sources[0]?.lines === 1);
    world.configure('jails: { spamtrap: { filter: postfix-spamtrap } }');
    await world.reload();
    world.write(trapLine('203.0.113.2'));
    await recorded(1);
    expect((await world.bans()).map(({ network }) => network)).toEqual(['203.0.113.2']);
  });

  it.each([
    ['an unknown key', 'jails: { spamtrap: { filtre: postfix-spamtrap } }', /unknown key "filtre"/],
    ['a missing filter', 'jails: { spamtrap: { filter: nothing } }', /nothing/],
    ['invalid YAML', 'jails: {', /trapline\.yaml:\d+/],
  ])('with %s keeps the running configuration', async (_what, config, message) => {
    await world.start();
    world.write(trapLine('203.0.113.1'));
    await recorded(1);
    world.configure(config);
    await expect(world.reload()).rejects.toThrow(message);
    world.child?.kill('SIGHUP');
    await eventually('the fault is logged', () => world.said.includes('the running configuration stays'));
    expect(world.said).toMatch(message);
    world.write(trapLine('203.0.113.2'));
    await recorded(2);
    await eventually('both bans are in the firewall', () => world.firewall().size === 2);
  });

  it('by SIGHUP makes the daemon follow a new source', async () => {
    await world.start();
    const other = `${world.log}.other`;
    world.configure(`sources: [{ type: file, path: '${world.log}', from: start }, { type: file, path: '${other}', from: start }]`);
    world.child?.kill('SIGHUP');
    await eventually('both sources are followed', async () => (await world.status()).sources.length === 2);
    world.write(trapLine('203.0.113.1'));
    await recorded(1);
    expect(world.said).toContain('configuration read again');
  });
});
