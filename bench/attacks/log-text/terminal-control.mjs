// A client mails traps whose addresses have control characters that clear the screen, reverse the text or hide characters, in UTF-8 and in Latin-1.
import { attack, must } from '../lib/attack.mjs';
import { cleanLog, hitLine, onlyHits, writeBytes } from '../lib/log-text.mjs';

await attack('no text of a client controls a terminal, and the listing is valid JSON', async (world) => {
  const traps = [
    '\u001b[2J\u001b]0;x\u0007',
    '\u009b2J',
    '\u202e\u2066moc.elpmaxe',
    '\u200b\ufeff\u00ad',
    '\b\b\b\t\u007f',
    '\u{e0041}',
    '\u2028\u2029',
  ];
  world.write(
    ...traps.map((trap, index) => hitLine(`203.0.113.${index + 1}`, { trap: `${trap}@example.com`, helo: trap, from: trap })),
  );
  for (const [index, bytes] of ['\x9b2J', '\xff\xfe', '\xc3', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xc0\xaf'].entries())
    writeBytes(world, hitLine(`203.0.113.${index + 11}`, { trap: bytes, helo: bytes }));
  const numbers = [...traps.map((_, index) => index + 1), 11, 12, 13, 14, 15, 16];
  await onlyHits(world, Object.fromEntries(numbers.map((last) => [`203.0.113.${last}`, 1])));
  cleanLog(world);
  must(
    world.said.split('\n').every((line) => line === '' || /trapline|^\S*\s?\w+/.test(line)),
    'a line of the log is torn',
  );
  must(world.said.match(/: ban 203/g)?.length === numbers.length + 1, 'the bans are not one line each');
});
