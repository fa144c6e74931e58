import { existsSync, linkSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callControl, isRunning } from '../../src/control/call.ts';
import { curl } from '../support/control-curl.ts';
import { deskControls, STATUS } from '../support/control-desk.ts';
import { freshPlace, place, refusalText, serve } from '../support/control-place.ts';
import { root } from '../support/privileges.ts';

freshPlace();

describe('the control socket', () => {
  it('makes the folder of the socket, and leaves nothing else in it', async () => {
    place.socket = join(place.folder, 'run', 'trapline', 'control.sock');
    await serve();
    expect(readdirSync(join(place.folder, 'run', 'trapline'))).toEqual(['control.sock']);
  });

  it('removes its socket when it closes', async () => {
    const { server } = await serve();
    await server.close();
    expect(existsSync(place.socket)).toBe(false);
  });

  it('leaves a socket that has become another daemon’s', async () => {
    const { server } = await serve();
    rmSync(place.socket);
    await serve();
    await server.close();
    expect(await isRunning(place.socket)).toBe(true);
  });

  it('replaces a socket that nobody answers at', async () => {
    const { server } = await serve();
    linkSync(place.socket, join(place.folder, 'kept'));
    await server.close();
    linkSync(join(place.folder, 'kept'), place.socket);
    expect(await isRunning(place.socket)).toBe(false);
    await serve();
    expect(await callControl(place.socket).status()).toEqual(STATUS);
  });

  it('refuses to start beside a daemon that answers, which goes on', async () => {
    await serve();
    const words = `another trapline answers on ${place.socket} (pid ${process.pid}), stop it first`;
    expect(await refusalText(serve())).toBe(words);
    expect(await callControl(place.socket).status()).toEqual(STATUS);
    expect(readdirSync(place.folder)).toEqual(['control.sock']);
  });

  it('refuses to start beside a server that listens and says nothing of itself', async () => {
    const other = createServer((_, response) => void response.end('hello'));
    await new Promise<void>((resolve) => {
      other.listen(place.socket, resolve);
    });
    expect(await refusalText(serve())).toBe(`another trapline answers on ${place.socket}, stop it first`);
    other.close();
  });

  it('lets one of many that start at once win', async () => {
    const tried = await Promise.allSettled(Array.from({ length: 10 }, () => serve()));
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await callControl(place.socket).status()).toEqual(STATUS);
  });

  it('does not touch what is no socket', async () => {
    writeFileSync(place.socket, 'precious');
    expect(await refusalText(serve())).toBe(
      `${place.socket}: is there and is no socket, take it away or choose another "control.socket"`,
    );
    expect(statSync(place.socket).size).toBe(8);
  });

  it('refuses a path that is too long for a socket', async () => {
    place.socket = join(place.folder, 'x'.repeat(120));
    expect(await refusalText(serve())).toMatch(/too long a path for a socket, choose one of at most \d+ bytes$/);
  });

  it('says why the socket cannot be made', async () => {
    writeFileSync(join(place.folder, 'file'), '');
    place.socket = join(place.folder, 'file', 'control.sock');
    expect(await refusalText(serve())).toMatch(/^\S+control\.sock: cannot be made: (?:ENOTDIR|EEXIST)/);
  });
});

describe('who may call', () => {
  it('S05: is decided by the mode of the socket', async () => {
    await serve(deskControls(), { mode: 0o600 });
    expect(statSync(place.socket).mode & 0o777).toBe(0o600);
  });

  it('says so when there is no such group, and keeps its own', async () => {
    const { lines } = await serve(deskControls(), { group: 'no-such-group' });
    expect(lines).toEqual([`notice: ${place.socket}: keeps the group of the daemon, there is no group "no-such-group"`]);
    expect(statSync(place.socket).gid).toBe(process.getgid?.());
  });

  describe.runIf(root)('with other users', () => {
    const NOBODY = 65_534;
    const MEMBER = 12_345;

    it('S05: is decided by the group of the socket', async () => {
      await serve(deskControls(), { group: String(MEMBER) });
      expect(statSync(place.socket).gid).toBe(MEMBER);
      expect(await curl(place.socket, ['http://trapline/v1/status'], { uid: NOBODY, gid: MEMBER })).toEqual(STATUS);
      expect(await curl(place.socket, ['http://trapline/v1/status'], { uid: NOBODY, gid: NOBODY })).toEqual({ exit: 7 });
    });

    it('S05: finds the group by its name', async () => {
      await serve(deskControls(), { group: 'daemon' });
      expect(statSync(place.socket).gid).toBe(1);
    });

    it('S05: lets another group read and change nothing', async () => {
      const READER = 23_456;
      const desk = deskControls();
      const second = join(place.folder, 'status.sock');
      await serve(desk, { group: String(MEMBER) });
      await serve(desk, { group: String(READER), socket: second, readOnly: true });
      const url = 'http://trapline/v1';
      const reader = { uid: NOBODY, gid: READER };
      const ban = ['-d', '{"networks":["192.0.2.7"]}', `${url}/bans`];
      expect(await curl(second, [`${url}/status`], reader)).toEqual(STATUS);
      expect(await curl(second, ban, reader)).toEqual({
        error: '"POST" is not for readers, this socket only tells; nothing was changed',
        exitCode: 77,
      });
      expect(await curl(place.socket, ban, reader)).toEqual({ exit: 7 });
      expect(await curl(second, [`${url}/status`], { uid: NOBODY, gid: MEMBER })).toEqual({ exit: 7 });
      expect(desk.held.size).toBe(0);
    });

    it('tells whoever may not what to do', async () => {
      await serve(deskControls(), { group: String(MEMBER) });
      process.seteuid?.(NOBODY);
      const asked = refusalText(isRunning(place.socket));
      process.seteuid?.(0);
      expect(await asked).toBe(`${place.socket}: this user may not, join the group of the socket or use sudo`);
    });
  });
});
