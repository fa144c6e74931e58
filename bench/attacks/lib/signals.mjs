// Runs commands beside the daemon, and finds the programs that the daemon has started, for the attacks with signals.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { slowness } from './attack.mjs';

/**
 * Starts a command of the program with the world's paths. Returns its child; `ended` resolves to { code, signal, stdout, stderr }. `stdio`: three
 * values as spawn(3) of Node takes them; pipes are read. `after`: arguments before the program.
 */
export function begin(world, words, { stdio = ['pipe', 'pipe', 'pipe'], before = [] } = {}) {
  const places = ['--config', world.config, '--state', world.state, '--socket', world.socket];
  const [program, ...args] = world.inside(...before, ...world.program, words[0], ...places, ...words.slice(1));
  const child = spawn(program, args, { stdio });
  const texts = ['', ''];
  for (const [index, stream] of [child.stdout, child.stderr].entries()) {
    stream?.setEncoding('utf8').on('data', (text) => (texts[index] += text));
  }
  child.stdin?.on('error', () => {});
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout: texts[0], stderr: texts[1] }));
  return { child, ended };
}

/** Runs a command to its end. */
export function command(world, words, { input = '', ...rest } = {}) {
  const { child, ended } = begin(world, words, rest);
  child.stdin?.end(input);
  return ended;
}

/** Runs a shell line in which "$@" is the program, and `$places` its paths. Resolves to { code, signal, stdout, stderr }. */
export async function shell(world, line) {
  const [program, ...args] = world.inside('bash', '-c', line, 'bash', ...world.program);
  const places = `--config ${world.config} --state ${world.state} --socket ${world.socket}`;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, places } });
  const texts = ['', ''];
  for (const [index, stream] of [child.stdout, child.stderr].entries()) {
    stream.setEncoding('utf8').on('data', (text) => (texts[index] += text));
  }
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout: texts[0], stderr: texts[1] };
}

/** The programs that a process has started and that run, as { pid, argv }. */
export function programsOf(pid) {
  const pids = readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean);
    } catch {
      return []; // The thread has ended.
    }
  });
  return [...new Set(pids)].flatMap((child) => {
    try {
      return [{ pid: Number(child), argv: readFileSync(`/proc/${child}/cmdline`, 'latin1').split('\0').slice(0, -1).join(' ') }];
    } catch {
      return []; // The program has ended.
    }
  });
}

/** The processes whose network namespace is that of a process, as { pid, argv }, without the process itself. */
export function neighboursOf(space, own) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== own)
    .flatMap((pid) => {
      try {
        if (spaceOf(pid) !== space || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return [];
        return [{ pid: Number(pid), argv: readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').slice(0, -1).join(' ') }];
      } catch {
        return []; // The process has ended.
      }
    });
}

/** The identity of the network namespace of a process. */
export function spaceOf(pid) {
  return readlinkSync(`/proc/${pid}/ns/net`);
}

/** Waits until the daemon has ended by itself or by a signal; resolves to { code, signal }, or throws after a while. */
export async function endOf(child, deadline = 10_000) {
  const end = performance.now() + deadline * slowness();
  while (child.exitCode === null && child.signalCode === null) {
    if (performance.now() > end) throw new Error(`process ${child.pid} has not ended`);
    await sleep(20);
  }
  return { code: child.exitCode, signal: child.signalCode };
}

/** Puts a program named nft before the real one: it runs the shell line, and then becomes the real nft. For a daemon that is not started yet. */
export function fakeNft(world, line) {
  const folder = join(world.folder, 'bin');
  mkdirSync(folder);
  const real = execFileSync('sh', ['-c', 'PATH="$PATH:/usr/sbin:/sbin" command -v nft'], { encoding: 'utf8' }).trim();
  writeFileSync(join(folder, 'nft'), `#!/bin/bash\n${line}\nexec ${real} "$@"\n`, { mode: 0o755 });
  world.before = ['env', `PATH=${folder}:${process.env.PATH}`, ...world.before];
}
