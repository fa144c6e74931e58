// Values of the configuration are as long as the file may be: paths, names, texts, spans and addresses.
import { attack, must } from '../lib/attack.mjs';
import { isOneLine, trapline } from '../lib/limits.mjs';

const LONG = 'x'.repeat(900_000);

const CONFIGS = [
  `state: /${LONG}`,
  `state: /tmp/${'y/'.repeat(40_000)}z`,
  `control: { socket: /${LONG} }`,
  `control: { socket: /tmp/${'z'.repeat(104)} }`,
  `control: { group: ${LONG} }`,
  `actions: ${LONG}`,
  `filters_folder: /${LONG}`,
  `jails: { ${LONG}: {} }`,
  `jails: { a: { filter: ${LONG} } }`,
  `jails: { a: { text: ${LONG} } }`,
  `defaults: { bantime: ${'9'.repeat(900_000)} }`,
  `defaults: { ignoreip: ['${LONG}'] }`,
  `${LONG}: 1`,
  `log_level: ${LONG}`,
  `syslog_names: [${LONG}]`,
  `# ${LONG}${LONG}`,
];

await attack(
  'a value of absurd length is refused in one short line that names its place',
  async (world) => {
    for (const config of CONFIGS) {
      world.configure(config);
      const { code, stderr } = await trapline(world, [
        'run',
        '--config',
        world.config,
        ...(config.startsWith('state') ? [] : ['--state', world.state]),
        ...(config.includes('socket') ? [] : ['--socket', world.socket]),
      ]);
      must([69, 78].includes(code) && isOneLine(stderr), `"${config.slice(0, 40)}": ${code}: ${stderr.slice(0, 500)}`);
    }
  },
  { started: false, after: false },
);
