import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, ControlError, messageOf } from '../../../src/errors.ts';
import { isListening } from '../../../src/lib/http/listening.ts';
import { claimSocket, takeOver, type SocketClaim } from '../../../src/lib/http/socket.ts';
import { compile } from '../../support/filters/compile.ts';
import { freshPlace, opened, place } from '../../support/http/served.ts';
import { root } from '../../support/privileges.ts';

freshPlace();

const NOBODY = 65_534;
const MEMBER = 12_345;

interface Claimed {
  readonly server: Server;
  readonly release: () => void;
  readonly lines: string[];
}

/** Starts a server that sends "hello" to each client. `wishes` may name another socket than the socket of the test. */
async function claim(wishes: Partial<SocketClaim> = {}): Promise<Claimed> {
  const lines: string[] = [];
  const server = createServer((connection) => void connection.on('error', () => {}).end('hello'));
  const all: SocketClaim = {
    socket: place.socket,
    mode: 0o660,
    group: String(process.getgid?.() ?? 0),
    option: 'test.socket',
    occupant: async () => 'a live server is there',
    ...wishes,
  };
  const release = await claimSocket(server, all, { notice: (text) => void lines.push(text) });
  opened.push(server);
  return { server, release, lines };
}

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'not refused',
    (thrown: unknown) => thrown,
  );

/** The text that a client receives. */
async function greeting(socket: string): Promise<string> {
  let text = '';
  for await (const piece of connect(socket)) text += String(piece);
  return text;
}

const closed = (server: Server): Promise<unknown> => new Promise((done) => server.close(done));

describe('claimSocket', () => {
  it('resolves when the server accepts clients', async () => {
    await claim();
    expect(await greeting(place.socket)).toBe('hello');
  });

  it('creates the folders of the socket, and leaves no other file in them', async () => {
    const socket = join(place.folder, 'run', 'trapline', 's.sock');
    await claim({ socket });
    expect(readdirSync(join(place.folder, 'run', 'trapline'))).toEqual(['s.sock']);
    expect(statSync(join(place.folder, 'run', 'trapline')).mode & 0o777).toBe(0o755);
  });

  it('returns a function that removes the socket at its first call', async () => {
    const { release } = await claim();
    release();
    expect(existsSync(place.socket)).toBe(false);
    release();
  });

  it('returns a function that does not remove the socket of a later server', async () => {
    const { release } = await claim();
    rmSync(place.socket);
    await claim();
    release();
    expect(await greeting(place.socket)).toBe('hello');
  });

  it('replaces a socket whose server is gone', async () => {
    const { server } = await claim();
    linkSync(place.socket, join(place.folder, 'kept'));
    await closed(server);
    rmSync(place.socket, { force: true });
    linkSync(join(place.folder, 'kept'), place.socket);
    expect(await isListening(place.socket)).toBe(false);
    await claim();
    expect(await greeting(place.socket)).toBe('hello');
  });

  it('refuses a path where a server listens, and does not disturb that server', async () => {
    await claim();
    const refused = await refusal(claim());
    expect(refused).toBeInstanceOf(ControlError);
    expect(messageOf(refused)).toBe('a live server is there, stop it first');
    expect(await greeting(place.socket)).toBe('hello');
    expect(readdirSync(place.folder)).toEqual(['s.sock']);
  });

  it('succeeds for exactly one of many servers that start at once', async () => {
    const tried = await Promise.allSettled(Array.from({ length: 10 }, () => claim()));
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await greeting(place.socket)).toBe('hello');
  });

  it.each([
    ['a file', () => writeFileSync(place.socket, 'precious')],
    ['a folder', () => mkdirSync(place.socket)],
    ['a symbolic link', () => symlinkSync(join(place.folder, 'elsewhere'), place.socket)],
  ])('refuses the path of %s, and does not change it', async (_, make) => {
    make();
    const refused = await refusal(claim());
    expect(refused).toBeInstanceOf(ConfigError);
    expect(messageOf(refused)).toBe(`${place.socket}: is no socket, remove it or choose another "test.socket"`);
    expect(readdirSync(place.folder)).toEqual(['s.sock']);
  });

  it('refuses a path that is too long for a socket, and accepts the longest path that it advises', async () => {
    const refused = await refusal(claim({ socket: join(place.folder, 'x'.repeat(120)) }));
    expect(refused).toBeInstanceOf(ConfigError);
    const [, length = ''] = /too long a path for a socket, choose one of at most (\d+) bytes$/.exec(messageOf(refused)) ?? [];
    const folder = `${place.folder}/${'f'.repeat(Number(length) - place.folder.length - 3)}`;
    const socket = `${folder}/s`;
    expect(Buffer.byteLength(socket)).toBe(Number(length));
    await claim({ socket });
    expect(await greeting(socket)).toBe('hello');
  });

  it.each([
    ['its folder is a file', () => writeFileSync(join(place.folder, 'folder'), ''), /: cannot be made: (?:ENOTDIR|EEXIST)/, 69],
    ['a folder is a dangling link', () => symlinkSync('/nowhere', join(place.folder, 'folder')), /: cannot be made: /, 69],
  ])('describes why the socket cannot be created: %s', async (_, make, words, exitCode) => {
    make();
    const refused = await refusal(claim({ socket: join(place.folder, 'folder', 's.sock') }));
    expect(refused).toBeInstanceOf(ControlError);
    expect(refused).toMatchObject({ message: expect.stringMatching(words), exitCode });
  });

  it('leaves the socket in the group of the process when the requested group does not exist, and logs this', async () => {
    const { lines } = await claim({ group: 'no-such-group' });
    expect(lines).toEqual([`${place.socket}: keeps the group of the daemon, there is no group "no-such-group"`]);
    expect(statSync(place.socket).gid).toBe(process.getgid?.());
  });

  it.each([0o600, 0o660, 0o640])('S05: gives the socket the mode %o even when the umask is 0', async (mode) => {
    const umask = process.umask(0);
    await claim({ mode });
    process.umask(umask);
    expect(statSync(place.socket).mode & 0o777).toBe(mode);
  });

  describe.runIf(root)('with other users', () => {
    it('S05: gives the socket its group, by the number or the name of the group', async () => {
      await claim({ group: String(MEMBER) });
      expect(statSync(place.socket).gid).toBe(MEMBER);
      const other = join(place.folder, 'other.sock');
      await claim({ group: 'daemon', socket: other });
      expect(statSync(other).gid).toBe(1);
    });

    it('S05: gives the socket its mode and group before any other user can reach it', async () => {
      const seen: string[] = [];
      const server = createServer();
      // The server begins to listen at this moment, and other users could connect.
      server.once('listening', () => {
        for (const name of readdirSync(place.folder))
          seen.push(`${name.slice(0, 2)} ${(statSync(join(place.folder, name)).mode & 0o777).toString(8)}`);
      });
      const wishes = { socket: place.socket, mode: 0o660, group: String(MEMBER), option: '', occupant: async () => '' };
      await claimSocket(server, wishes, { notice() {} });
      opened.push(server);
      expect(seen).toEqual(['.t 700']);
    });

    it('refuses with exit code 77 when this user may not write to the folder', async () => {
      chmodSync(place.folder, 0o755);
      process.seteuid?.(NOBODY);
      const refused = await refusal(claim()).finally(() => process.seteuid?.(0));
      expect(refused).toMatchObject({ message: expect.stringMatching(/: cannot be made: EACCES/), exitCode: 77 });
    });

    it('refuses with exit code 77 when this user may not connect to the running server', async () => {
      await claim({ mode: 0o600 });
      chmodSync(place.folder, 0o777);
      process.seteuid?.(NOBODY);
      const refused = await refusal(claim()).finally(() => process.seteuid?.(0));
      expect(refused).toMatchObject({ message: expect.stringMatching(/: cannot be made: connect EACCES/), exitCode: 77 });
      expect(await greeting(place.socket)).toBe('hello');
    });
  });
});

describe('takeOver', () => {
  it('accepts connections on a socket that the program inherits, and does not remove the path of the socket', async () => {
    const { program, remove } = compile(resolve(import.meta.dirname, '../../support/http/handed.ts'));
    const socket = join(place.folder, 'unit.sock');
    const opener = createServer();
    await new Promise<void>((done) => {
      opener.listen(place.socket, done);
    });
    linkSync(place.socket, socket); // Closing `opener` removes only its own path.
    const environment = { LISTEN_FDS: '1', LISTEN_FDNAMES: 'control' };
    // The number of the socket's descriptor, which Node does not expose.
    const { _handle: handle } = opener as unknown as { readonly _handle: { readonly fd: number } };
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit', handle.fd], env: environment });
    await once(child.stdout ?? child, 'data');
    await closed(opener);
    expect(await greeting(socket)).toBe('control');
    child.stdin?.end();
    await once(child, 'close');
    remove();
    expect(existsSync(socket)).toBe(true);
  });

  it('rejects for a descriptor that is no socket', async () => {
    await expect(takeOver(createServer(), 1_000_000)).rejects.toThrow(/^listen E/);
  });
});
