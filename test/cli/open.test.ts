import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serveControl } from '../../src/control/serve.ts';
import { scratchPlace, trapline, type Ran } from '../support/cli/command-line.ts';
import { forReaders, keptLog, memoryDesk, STATUS } from '../support/control/desk.ts';
import { PROGRAM } from '../support/faults/daemon.mjs';
import { root } from '../support/privileges.ts';

const place = scratchPlace();
chmodSync(place.folder, 0o755);
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
afterAll(() => place.remove());

const NOBODY = 65_534;
const READER = 23_456;

/** Opens the two sockets of a daemon: one for commands, and one for the group of readers. */
async function daemon(): Promise<ReturnType<typeof memoryDesk>> {
  const desk = memoryDesk();
  const { log } = keptLog();
  open.push(await serveControl(desk, { socket: place.at('control.sock'), mode: 0o660, group: '0' }, log));
  const readers = { socket: place.at('status.sock'), mode: 0o660, group: String(READER) };
  open.push(await serveControl(forReaders(desk), readers, log));
  const control = `{socket: ${place.at('control.sock')}, readers: '${READER}', readers_socket: ${place.at('status.sock')}}`;
  writeFileSync(place.at('trapline.yaml'), `control: ${control}\nstate: ${place.at('trapline.db')}\n`);
  chmodSync(place.at('trapline.yaml'), 0o644); // Another user has to read the file, whatever the umask is.
  return desk;
}

/** Runs a command as a user of only one group. */
async function as(group: number, words: readonly string[]): Promise<Ran> {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([group]);
  process.setegid?.(group);
  process.seteuid?.(NOBODY);
  try {
    return await trapline([...words, '--config', place.at('trapline.yaml')]);
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}

/** Lists the bans without a daemon. */
function readsAlone(): Promise<Ran> {
  writeFileSync(place.at('trapline.yaml'), `control: {socket: ${place.at('none.sock')}}\nstate: ${place.at('none.db')}\n`);
  return trapline(['bans', '--config', place.at('trapline.yaml')]);
}

describe.runIf(root)('a user outside of the group of the control socket', () => {
  // Loads the modules that commands import dynamically. Later the test has another user, who may not be allowed to read the checkout.
  beforeAll(async () => {
    await readsAlone();
  });

  it('S05: can read status and bans as a member of the group of readers', async () => {
    await daemon();
    const { code, out } = await as(READER, ['status', '--json']);
    expect([code, JSON.parse(out)]).toEqual([0, { ...STATUS, state: 'working', because: [], todo: [] }]);
    expect(await as(READER, ['bans'])).toEqual({ code: 0, out: 'no bans\n', err: '' });
  });

  it.each([
    ['ban', ['ban', '192.0.2.7']],
    ['unban', ['unban', '--all']],
    ['reload', ['reload']],
  ])('S05: may not run the command %s as a member of the group of readers', async (_, words) => {
    const desk = await daemon();
    const { code, out, err } = await as(READER, words);
    expect([code, out]).toEqual([77, '']);
    expect(err).toMatch(/^trapline: \S+control\.sock: permission denied: (?:be in group .*, or )?use sudo\n$/);
    expect(desk.held.size).toBe(0);
  });

  it('may run no command without being a member of the group of readers', async () => {
    await daemon();
    for (const words of [['status'], ['bans'], ['ban', '192.0.2.7']])
      expect(await as(NOBODY, words)).toMatchObject({ code: 77, out: '' });
  });
});

describe('a command', () => {
  it('reads the ledger itself when no daemon answers', async () => {
    const err = `trapline: ${place.at('none.sock')}: no daemon answers; this list is from the ledger ${place.at('none.db')}, and no firewall was asked\n`;
    expect(await readsAlone()).toEqual({ code: 0, out: 'no bans\n', err });
  });
});

describe('a command without a daemon', () => {
  it('reads its configuration one time only, so that the configuration may come from a pipe of the shell', () => {
    writeFileSync(place.at('no-ledger.db'), 'This is no ledger. '.repeat(100));
    const config = `control: {socket: ${place.at('none.sock')}}\nstate: ${place.at('no-ledger.db')}\n`;
    const script = '"$@" --config <(printf %s "$CONFIG")';
    const ran = spawnSync('bash', ['-c', script, 'bash', ...PROGRAM, 'bans'], {
      encoding: 'utf8',
      env: { ...process.env, CONFIG: config },
    });
    expect(ran.stderr).toContain(place.at('no-ledger.db'));
    expect(ran.status).not.toBe(0);
  });
});
