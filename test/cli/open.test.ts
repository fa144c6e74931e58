import { chmodSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { serveControl } from '../../src/control/serve.ts';
import { scratchPlace, trapline, type Ran } from '../support/command-line.ts';
import { deskControls, keptLog, STATUS } from '../support/control-desk.ts';
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

/** Sockets as the daemon has them, for commands and for readers. */
async function daemon(): Promise<ReturnType<typeof deskControls>> {
  const desk = deskControls();
  const { log } = keptLog();
  open.push(await serveControl(desk, { socket: place.at('control.sock'), mode: 0o660, group: '0' }, log));
  const readers = { socket: place.at('status.sock'), mode: 0o660, group: String(READER), readOnly: true };
  open.push(await serveControl(desk, readers, log));
  const control = `{socket: ${place.at('control.sock')}, readers: '${READER}', readers_socket: ${place.at('status.sock')}}`;
  writeFileSync(place.at('trapline.yaml'), `control: ${control}\nstate: ${place.at('trapline.db')}\n`);
  return desk;
}

/** Runs a command as a user of one group only. */
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

/** Lists the bans where no daemon runs. */
function readsAlone(): Promise<Ran> {
  writeFileSync(place.at('trapline.yaml'), `control: {socket: ${place.at('none.sock')}}\nstate: ${place.at('none.db')}\n`);
  return trapline(['bans', '--config', place.at('trapline.yaml')]);
}

describe.runIf(root)('a user who may only look', () => {
  // What commands load late is loaded before the user changes: the checkout may be in a folder that only root can read.
  beforeAll(async () => {
    await readsAlone();
  });

  it('S05: sees status and bans', async () => {
    await daemon();
    const { code, out } = await as(READER, ['status', '--json']);
    expect([code, JSON.parse(out)]).toEqual([0, STATUS]);
    expect(await as(READER, ['bans'])).toEqual({ code: 0, out: 'no bans\n', err: '' });
  });

  it.each([
    ['ban', ['ban', '192.0.2.7']],
    ['unban', ['unban', '--all']],
    ['reload', ['reload']],
  ])('S05: is told that %s is not for them', async (_, words) => {
    const desk = await daemon();
    const { code, out, err } = await as(READER, words);
    expect([code, out]).toEqual([77, '']);
    expect(err).toBe(`trapline: ${place.at('control.sock')}: this user may not, join the group of the socket or use sudo\n`);
    expect(desk.held.size).toBe(0);
  });

  it('is refused everything when of neither group', async () => {
    await daemon();
    for (const words of [['status'], ['bans'], ['ban', '192.0.2.7']])
      expect(await as(NOBODY, words)).toMatchObject({ code: 77, out: '' });
  });
});

describe('a command', () => {
  it('reads the ledger itself when no daemon answers', async () => {
    expect(await readsAlone()).toEqual({ code: 0, out: 'no bans\n', err: '' });
  });
});
