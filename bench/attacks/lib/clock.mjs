// Runs attacks against a daemon whose clock the attack sets. The clock of the machine does not change.
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, PROGRAM, trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, slowness } from './attack.mjs';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The clock of one daemon. */
class Clock {
  #file;
  #ahead = 0;

  constructor(folder) {
    this.#file = join(folder, 'clock');
    writeFileSync(this.#file, '0');
    chmodSync(this.#file, 0o644);
  }

  /** The milliseconds by which the daemon's clock is ahead of the machine's clock. A change is a step of the daemon's clock. */
  get ahead() {
    return this.#ahead;
  }

  set ahead(millis) {
    this.#ahead = Math.round(millis);
    // The file is overwritten in place, because the daemon may read it at any moment.
    writeFileSync(this.#file, String(this.#ahead).padEnd(32), { flag: 'r+' });
  }

  /** The instant that the daemon's clock shows. */
  now() {
    return Date.now() + this.#ahead;
  }

  /** Sets the clock to an instant: milliseconds or text for Date.parse. */
  set(instant) {
    this.ahead = (typeof instant === 'string' ? Date.parse(instant) : instant) - Date.now();
  }

  get file() {
    return this.#file;
  }
}

/**
 * An attack whose `run` gets the world and its clock. Options: those of `attack`; `at`: the instant of the daemon's clock at the start; `zone`: its
 * time zone; `environment`: variables of the daemon, `NAME=value`.
 */
export async function clockAttack(promise, run, { at, zone = 'UTC', environment = [], started = true, ...options } = {}) {
  let clock;
  await attack(
    promise,
    async (world) => {
      clock = new Clock(world.folder);
      if (at !== undefined) clock.set(at);
      world.before = ['env', `ATTACK_CLOCK=${clock.file}`, `TZ=${zone}`, ...environment, ...world.before];
      world.program = [PROGRAM[0], '--require', join(import.meta.dirname, 'shift-clock.cjs'), ...PROGRAM.slice(1)];
      if (started) await world.start();
      await run(world, clock);
    },
    { hit: (world, client) => trap(world, clock, client, { number: 29_999 }), ...options, started: false },
  );
}

/** A client mails a trap now, by the daemon's clock. */
export function trap(world, clock, client, rest = {}) {
  world.write(trapLine(client, { at: clock.now(), ...rest }));
}

/** Runs a command of the program with the world's paths and the daemon's clock; returns { code, stdout, stderr }. */
export function command(world, words, { input = '' } = {}) {
  const places = ['--config', world.config, '--state', world.state, '--socket', world.socket];
  const [program, ...args] = world.inside(...world.before, ...world.program, ...words.slice(0, 1), ...places, ...words.slice(1));
  const { status, signal, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return { code: status ?? signal, stdout, stderr };
}

/** Waits until the daemon has logged the text. */
export async function says(world, text) {
  await eventually(`the daemon logs "${text}"`, () => world.said.includes(text), 8_000 * slowness());
}

/** The remaining time of a client's ban in the ledger, by the daemon's clock (milliseconds); undefined without a ban, null for ever. */
export async function left(world, clock, client) {
  const row = (await world.bans()).find(({ network }) => network === client);
  return row && (row.until === null ? null : Date.parse(row.until) - clock.now());
}

/** Checks the remaining time of a ban in the ledger and in the firewall, with a tolerance (milliseconds). */
export async function mustLast(world, clock, client, wanted, tolerance = 10 * SECOND * slowness()) {
  const ledger = await left(world, clock, client);
  must(Math.abs(ledger - wanted) <= tolerance, `the ledger leaves ${client} ${ledger} ms instead of ${wanted} ms`);
  const held = world.firewall().get(client);
  must(Math.abs(held * SECOND - wanted) <= tolerance, `the firewall leaves ${client} ${held} s instead of ${wanted / SECOND} s`);
}

/** The number of hits in the ledger. */
export function hitsOf(world) {
  return world.rows('SELECT count(*) AS hits FROM hits')[0].hits;
}

/** A line of a client that mails a trap, with any text as its date. */
export function dated(date, client, number = 0) {
  return trapLine(client, { number }).replace(/^\S+/, () => date);
}

/** A client of this network for documentation, 1 to 249. */
export const client = (number) => `203.0.113.${number}`;
