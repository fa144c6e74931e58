// The standard output of each command is /dev/full. In one case, the standard error is /dev/full too.
import { attack, must } from '../lib/attack.mjs';
import { shell } from '../lib/signals.mjs';

await attack('a command that cannot write its output reports it in one line and fails', async (world) => {
  await world.ban(['203.0.113.1']);
  for (const words of ['bans', 'bans --json', 'status', 'status --json', 'unban 203.0.113.1', 'ban 203.0.113.2', 'reload']) {
    const [name, ...rest] = words.split(' ');
    const { code, stderr } = await shell(world, `"$@" ${name} $places ${rest.join(' ')} >/dev/full`);
    must(code === 69, `${words}: ended with ${code}`);
    must(/^trapline: the output cannot be written: [^\n]+\n$/.test(stderr), `${words}: ${stderr}`);
  }
  for (const line of ['"$@" --help >/dev/full', `"$@" check --config ${world.config} >/dev/full`]) {
    const { code, stderr } = await shell(world, line);
    must(code !== 0 && stderr.trim().split('\n').length === 1, `${line}: ${code} ${stderr}`);
  }
  const silent = await shell(world, '"$@" bans $places --nonsense 2>/dev/full; "$@" bans $places >/dev/full 2>/dev/full');
  must(silent.code === 69 && silent.stdout === '', `both full: ${silent.code}`);
  const both = (await world.bans()).map(({ network }) => network).join();
  must(both === '203.0.113.2', `${both} instead of 203.0.113.2`);
});
