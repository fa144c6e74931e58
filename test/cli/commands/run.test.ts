import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compile, eventually, PROGRAM, World } from '../../support/faults/daemon.mjs';
import { root } from '../../support/privileges.ts';

/** An action whose first command hangs. A test replaces `600` by an argument that identifies the process. */
const HANGING = `
name: hanging
description: never comes back
open:
  - argv: [sleep, '600']
ban:
  - argv: ['true']
unban:
  - argv: ['true']
list: []
examples:
  - verb: ban
    entries: { 192.0.2.7: 10m }
    commands: [{ argv: ['true'] }]
`;

const isRunning = (line: string): boolean =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() === line;
      } catch {
        return false; // The program has ended.
      }
    });

describe.runIf(root)('trapline run', () => {
  let world: World;

  beforeAll(() => compile(), 120_000);
  beforeEach(() => {
    world = new World({ namespace: false, config: 'actions: [print]' });
  });
  afterEach(() => world.remove());

  it.each(['SIGTERM', 'SIGINT'] as const)('ends with exit code 0 after %s', async (signal) => {
    await world.start();
    const ended = once(world.child ?? process, 'exit');
    world.child?.kill(signal);
    expect(await ended).toEqual([0, null]);
  });

  it('ends after SIGTERM during a start that hangs, and ends all programs that it has started', async () => {
    const mark = `600.${process.pid}`;
    const folder = join(world.folder, 'actions');
    mkdirSync(folder);
    writeFileSync(join(folder, 'hanging.yaml'), HANGING.replaceAll('600', mark));
    world.configure(`actions_folder: '${folder}'\nactions: [hanging]`);
    const ended = once(world.spawn(), 'exit');
    await eventually('the start hangs', () => isRunning(`sleep ${mark}`));
    world.child?.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await eventually('the killed program has ended', () => !isRunning(`sleep ${mark}`));
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order when %s is sent again during the stop', async (signal) => {
    const mark = `601.${process.pid}`;
    const folder = join(world.folder, 'actions');
    mkdirSync(folder);
    writeFileSync(join(folder, 'hanging.yaml'), HANGING.replaceAll('600', mark));
    world.configure(`actions_folder: '${folder}'\nactions: [hanging]`);
    const ended = once(world.spawn(), 'exit');
    await eventually('the start hangs', () => isRunning(`sleep ${mark}`));
    world.child?.kill(signal);
    await sleep(300);
    world.child?.kill(signal);
    expect(await ended).toEqual([0, null]);
    expect(isRunning(`sleep ${mark}`)).toBe(false);
  });

  it('reads the configuration again when SIGHUP came during the start', async () => {
    const folder = join(world.folder, 'actions');
    mkdirSync(folder);
    writeFileSync(join(folder, 'slow.yaml'), HANGING.replaceAll("'600'", "'1'").replace('name: hanging', 'name: slow'));
    world.configure(`actions_folder: '${folder}'\nactions: [slow]`);
    const started = world.start();
    await eventually('the ledger is open', () => existsSync(world.state));
    world.configure(`actions_folder: '${folder}'\nactions: [slow]\ndefaults: { bantime: 3h }`);
    world.child?.kill('SIGHUP');
    await started;
    await expect.poll(() => world.said, { timeout: 20_000 }).toContain('configuration read again');
  });

  it('opens no port for a debugger', async () => {
    await world.start();
    world.child?.kill('SIGUSR1');
    await sleep(500);
    await world.status();
    expect(world.said).not.toContain('ebugger');
  });

  it('ends with the exit code of its error, not with 0, when the reader of its standard error has gone', async () => {
    writeFileSync(world.config, 'nonsense: 1\n');
    const [program, main] = PROGRAM;
    const child = spawn(program, [main, 'run', '--config', world.config], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.destroy();
    expect(await once(child, 'exit')).toEqual([78, null]);
  });
});
