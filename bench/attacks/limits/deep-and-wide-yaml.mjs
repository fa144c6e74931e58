// Reloads read configurations that are nested deeply, multiply aliases, or have very many keys, tags and anchors.
import { trapLine } from '../../../test/support/faults/daemon.mjs';
import { attack, must, onlyBanned } from '../lib/attack.mjs';

const BOMB = `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghij', (name, index) => `${name}: &${name} [${`*${'abcdefghij'[index]},`.repeat(9)}]`).join('\n')}`;

const CONFIGS = [
  '['.repeat(50_000),
  '{a: '.repeat(50_000),
  `${'- '.repeat(100_000)}x`,
  Array.from({ length: 3000 }, (_, index) => `${' '.repeat(index % 300)}k${index}:`).join('\n'),
  BOMB,
  `jails: &x { a: *x }`,
  Array.from({ length: 60_000 }, (_, index) => `k${index}: 1`).join('\n'),
  Array.from({ length: 40_000 }, (_, index) => `k${index}: !t${index} &a${index} v`).join('\n'),
  `? ${'? '.repeat(100_000)}x`,
  `jails: ${'"'.repeat(100_000)}`,
  `defaults: |\n${' x\n'.repeat(300_000)}`,
  '--- a\n'.repeat(150_000),
  '%YAML 1.2\n'.repeat(90_000),
  '\u{1f4a3}'.repeat(200_000),
];

await attack('configurations of absurd form are refused in one line each, and the daemon goes on', async (world) => {
  for (const config of CONFIGS) {
    world.configure(config);
    const began = performance.now();
    const refused = await world.reload().then(
      () => 'nothing was refused',
      (thrown) => thrown.message,
    );
    must(/^422: [^\n]*trapline\.yaml:\d+:\d+: [^\n]+$/.test(refused), `"${config.slice(0, 30)}": ${refused.slice(0, 300)}`);
    must(performance.now() - began < 60_000, 'the reloads took a minute');
  }
  world.configure('');
  await world.reload();
  world.write(trapLine('203.0.113.1'));
  await onlyBanned(world, ['203.0.113.1']);
});
