// Before the start, a file, a folder, a FIFO, a link or a datagram socket is at the path of the socket.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../../../test/support/faults/daemon.mjs';
import { attack, must } from '../lib/attack.mjs';
import { mustFail, trapline } from '../lib/control-socket.mjs';

await attack(
  'an object at the path of the socket that is no stream socket stays, and the start is refused in one line',
  async (world) => {
    let datagrams;
    const victim = join(world.folder, 'victim');
    writeFileSync(victim, 'kept');
    const makers = {
      file: (path) => writeFileSync(path, 'kept'),
      folder: (path) => mkdirSync(path),
      fifo: (path) => execFileSync('mkfifo', [path]),
      'link to a file': (path) => symlinkSync(victim, path),
      'link to nothing': (path) => symlinkSync(join(world.folder, 'nothing'), path),
      'link to itself': (path) => symlinkSync(path, path),
      'socket for datagrams': (path) => {
        const script = 'socket(S, PF_UNIX, SOCK_DGRAM, 0); bind(S, pack_sockaddr_un($ARGV[0])) or die; sleep 100';
        datagrams = spawn('perl', ['-MSocket', '-e', script, path], { stdio: 'ignore' });
        return eventually('the socket exists', () => existsSync(path));
      },
    };
    for (const [what, make] of Object.entries(makers)) {
      await make(world.socket);
      const before = lstatSync(world.socket).ino;
      const places = ['--config', world.config, '--state', world.state, '--socket', world.socket];
      const { code, err } = await trapline(world, ['run', ...places], { signal: AbortSignal.timeout(30_000) }).catch(() => ({
        code: null,
        err: 'the daemon started',
      }));
      must([69, 77, 78].includes(code), `${what}: ended with ${code}: ${err}`);
      const last = err.trimEnd().split('\n').at(-1);
      must(last.includes(world.socket), `${what}: the last line does not name the socket: ${last}`);
      must(lstatSync(world.socket).ino === before, `${what}: was replaced`);
      mustFail(await trapline(world, ['status', ...places]), [69, 77], `status, ${what}`);
      rmSync(world.socket, { recursive: true });
    }
    must(readFileSync(victim, 'utf8') === 'kept', 'the file behind the link was changed');
    datagrams.kill('SIGKILL');
    await world.start();
  },
  { started: false },
);
