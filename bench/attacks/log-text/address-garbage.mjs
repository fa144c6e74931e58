// Lines have texts that C libraries read as addresses, and texts that resemble addresses, in the place of the address.
import { attack } from '../lib/attack.mjs';
import { hitLine, onlyHits } from '../lib/log-text.mjs';

await attack('only an address in strict notation is banned', async (world) => {
  const texts = [
    '3405803777',
    '0xcb.0.113.1',
    '0313.0.0161.01',
    '203.0.113',
    '203.0.113.01',
    '203.0.113.256',
    '203.0.113.1.',
    '.203.0.113.1',
  ];
  texts.push(
    '203.0.113.1/24',
    '203.0.113.1,203.0.113.2',
    '',
    ' 203.0.113.1',
    '::1::2',
    '1:2:3:4:5:6:7',
    ':::',
    '2001:db8::g',
    '2001:db8::1%eth0',
  );
  texts.push('2001:db8::1/64', '::ffff:203.0.113.256', 'unknown', '203.0.113.1\0', '２０３.0.113.1', '2001:db8:12345::');
  world.write(...texts.map((text) => hitLine(text)));
  await onlyHits(world, {});
});
