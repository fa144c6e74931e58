// journalctl prints entries whose fields are wrong texts, numbers, null, objects or nested arrays, or have names of JavaScript's inherited
// properties.
import { appendFileSync } from 'node:fs';
import { attackJournal, hitsOf, messageOf } from '../lib/journal.mjs';
import { must, onlyBanned } from '../lib/attack.mjs';

await attackJournal(
  'an entry counts only if its fields have the types and texts of an entry of Postfix',
  async (world, journal) => {
    const raw = `${journal.file}.raw`;
    const good = journal.entry('203.0.113.1');
    const bad = (fields) => ({ ...journal.entry('198.51.100.1'), ...fields });
    const text = messageOf('198.51.100.1');
    const entries = [
      ...[null, 7, true, {}, [], [[]], [text], [text, text], [256], [-1], [1.5], { 0: 65 }].map((MESSAGE) => bad({ MESSAGE })),
      ...[102, null, ['102'], [102], '0102', '102 ', '1e2', '', '-102', '102\n'].map((_UID) => bad({ _UID })),
      ...[null, ['smtpd'], 'logger', '', 'smtpd ', 'SMTPD', '../smtpd', '__proto__'].map((_COMM) => bad({ _COMM })),
      ...[null, ['postfix/smtpd'], 'smtpd', 'postfix', 'postfix/smtpd/', 'x postfix/smtpd'].map((name) =>
        bad({ SYSLOG_IDENTIFIER: name }),
      ),
      ...[7, '-1', '1e15', '', '99999999999999999'].map((time) =>
        bad({ _SOURCE_REALTIME_TIMESTAMP: time, __REALTIME_TIMESTAMP: time }),
      ),
      { __proto__: null, constructor: 1, toString: null, hasOwnProperty: [] },
    ];
    appendFileSync(raw, `${[...entries, good].map((entry) => JSON.stringify(entry)).join('\n')}\n`);
    appendFileSync(raw, `${JSON.stringify(bad({})).replace('{', '{"__proto__":{"_UID":"102"},').replace('"_UID":"102",', '')}\n`);
    journal.program('journalctl', `case "$*" in *--follow*) exec tail -n +1 -f ${raw};; esac`);
    await world.start();
    await onlyBanned(world, ['203.0.113.1']);
    must(hitsOf(world) === '203.0.113.1', `hits: ${hitsOf(world)}`);
    appendFileSync(raw, `${JSON.stringify(journal.entry('203.0.113.250'))}\n`);
  },
  { hit: () => {} },
);
