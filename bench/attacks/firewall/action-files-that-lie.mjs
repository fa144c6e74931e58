// The operator's action file puts addresses into arguments of a shell, has parts that include themselves, and has patterns that take very long.
import { attack, must } from '../lib/attack.mjs';
import { mustFail, trapline } from '../lib/control-socket.mjs';
import { ownAction } from '../lib/firewall.mjs';

const HEAD = 'name: own\ndescription: x\nopen: []\nunban: [{ argv: ["true"] }]\nexamples: [{ verb: open, commands: [] }]\n';
const FILES = [
  'ban: [{ argv: [sh, -c, "echo {{#all}}{{text}}{{/all}}"] }]',
  'ban: [{ argv: ["{{address}}"] }]',
  'ban: [{ argv: [] }]',
  'ban: []',
  'ban: [{ argv: ["true"], stdin: "{{> a}}" }]\nparts: { a: "{{> b}}", b: "{{> a}}" }',
  'ban: [{ argv: ["true"], stdin: "{{#all}" }]',
  'ban: [{ argv: ["true"], stdin: "{{constructor}}" }]',
  'ban: [{ argv: ["true"] }]\nlist: [{ argv: ["true"], parse: "^((a+)+)$" }]',
  'ban: [{ argv: ["true"] }]\nlist: [{ argv: ["true"], parse: "(" }]',
  'ban: [{ argv: ["true"], when: __proto__ }]',
  'ban: [{ argv: ["true\\u0000"] }]',
  'ban: [{ argv: ["true"], append: hosts, most: -1 }]',
  `ban: [{ argv: ["true"], stdin: "${'{{#all}}'.repeat(3000)}" }]`,
];

await attack(
  'an action file with a fault is refused in one line that names its place',
  async (world) => {
    for (const [index, text] of FILES.entries()) {
      world.configure(`${ownAction(world, 'own', `${HEAD}${text}\n`)}\nactions: [own]\nstate: '${world.state}'`);
      for (const words of index < 2 ? [['run'], ['check']] : [['run']]) {
        const result = await trapline(
          world,
          [...words, '--config', world.config, ...(words[0] === 'run' ? ['--socket', world.socket] : [])],
          { signal: AbortSignal.timeout(30_000) },
        ).catch(() => ({ code: null, err: 'the command did not end' }));
        mustFail(result, [78], `${words[0]}: ${text.slice(0, 80)}`);
        must(`${result.out}${result.err}`.includes('own.yaml'), `the error names no place: ${result.err}`);
      }
    }
  },
  { started: false, after: false },
);
