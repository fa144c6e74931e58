// An operator pipes unusual lists into `trapline ban -`: binary data, endless lines, CR LF line ends, comments, options.
import { randomBytes } from 'node:crypto';
import { attack, must, onlyBanned } from '../lib/attack.mjs';
import { mustFail, trapline } from '../lib/control-socket.mjs';

await attack('a list with one bad line is refused and sets no ban', async (world) => {
  const places = ['--socket', world.socket];
  const inputs = {
    binary: randomBytes(50_000),
    nothing: '',
    comments: '# a\n#b\n',
    'an endless line': '1'.repeat(2_000_000),
    'an option': '203.0.113.5\n--force\n',
    'two in a line': '203.0.113.5 203.0.113.6\n',
    'a NUL': '203.0.113.5\0\n',
    'an escape': '203.0.113.5\u001b[2J\n',
    'too many': '203.0.113.5\n'.repeat(100_001),
    'too large': '2001:db8:1111:2222:3333:4444:5555:6666/128\n'.repeat(50_000),
  };
  for (const [what, input] of Object.entries(inputs))
    mustFail(await trapline(world, ['ban', ...places, '-'], { input }), [64], what);
  for (const words of [
    ['--for', '1e9d', '203.0.113.5'],
    ['--for', '-1s', '203.0.113.5'],
    ['--for', '0s', '203.0.113.5'],
    ['--for', '99999999999d', '203.0.113.5'],
    ['--reason', 'x'.repeat(501), '203.0.113.5'],
    ['203.0.113.5', '-'],
    ['203.0.113.5', ''],
    ['--for', '1h', '--forever', '203.0.113.5'],
    ['203.0.113.5;reboot'],
    ['$(reboot)'],
    ['203.0.113.5\n'],
  ]) {
    const result = await trapline(world, ['ban', ...places, ...words]);
    must(result.code === 64, `${words.join(' ')}: ended with ${result.code}: ${result.err}`);
  }
  await onlyBanned(world, []);
  const { code } = await trapline(world, ['ban', ...places, '-'], {
    input: '\ufeff203.0.113.5\r\n\r\n  203.0.113.6 # a comment\r\n',
  });
  must(code === 0, `a list with CR LF line ends ended with ${code}`);
  await onlyBanned(world, ['203.0.113.5', '203.0.113.6']);
});
