import { describe, expect, it } from 'vitest';
import { CLIENT, dockerRecord, hitsIn, line, message } from './support/sources/envelopes.ts';
import { Chance, FUZZ, SEED, SPOILS } from './support/hostile/bytes.ts';

const STAMP = '2026-11-28T17:00:00.467434244Z';
const VICTIM = '203.0.113.66';

/** Puts a line of Postfix, whose message is the second text, into an envelope. */
const ENVELOPES: Readonly<Record<string, (line: string, message: string) => string>> = {
  docker: (text) => dockerRecord(`${text}\n`),
  cri: (text) => `${STAMP} stdout F ${text}`,
  stamped: (text) => `${STAMP} ${text}`,
  compose: (text) => `\u001B[36mpostfix_1  |\u001B[0m ${STAMP} ${text}`,
  rsyslog: (_, text) => JSON.stringify({ timereported: STAMP, hostname: 'mx', syslogtag: 'postfix/smtpd[1]:', msg: ` ${text}` }),
  'syslog-ng': (_, text) => JSON.stringify({ PROGRAM: 'postfix/smtpd', PID: '1', MESSAGE: text, DATE: 'Nov 28 17:00:00' }),
  nested: (_, text) => dockerRecord(`${JSON.stringify({ program: 'postfix/smtpd', pid: 1, message: text })}\n`),
  'with-unit': (_, text) => `Sat 2026-11-28 17:00:00 CET mx postfix@-.service[1]: ${text}`,
};

const victims = { client: `x[${VICTIM}]` };
const forged = line(victims);
const attacks = [forged, message(victims), ...Object.values(ENVELOPES).map((wrap) => wrap(forged, message(victims)))];
const RUNS = 60 * FUZZ;

const others = (text: string | Buffer): string[] =>
  hitsIn([text.toString('latin1').split('\n')]).flatMap(({ address }) => (address === CLIENT ? [] : [address]));

describe(`an envelope that a client tries to forge (seed ${SEED})`, () => {
  it.each(Object.keys(ENVELOPES))('names only this client, whatever text the client sends: %s', (name) => {
    const wrap = ENVELOPES[name] ?? String;
    const chance = new Chance(SEED);
    for (const spoil of Object.values(SPOILS)) {
      for (let run = 0; run < RUNS; run += 1) {
        const attack = Buffer.from(attacks[chance.below(attacks.length)] ?? '');
        const genuine = Buffer.from(line());
        const own = genuine.indexOf(`${CLIENT}]`) + CLIENT.length + 1;
        const spoilt = spoil(genuine, own, chance, attack).toString('latin1').replaceAll('\n', '?');
        const text = wrap(spoilt, spoilt.slice(spoilt.indexOf('NOQUEUE')));
        expect(others(text)).toEqual([]);
      }
    }
  });

  it.each(Object.keys(ENVELOPES))('names only this client when the bytes behind its address are damaged: %s', (name) => {
    const whole = Buffer.from((ENVELOPES[name] ?? String)(line(), message()));
    const own = whole.indexOf(`${CLIENT}]`) + CLIENT.length + 1;
    const chance = new Chance(SEED + 1);
    for (const spoil of Object.values(SPOILS)) {
      for (let run = 0; run < RUNS; run += 1) {
        const attack = Buffer.from(attacks[chance.below(attacks.length)] ?? '');
        expect(others(spoil(whole, own, chance, attack).toString('latin1').replaceAll('\n', '?'))).toEqual([]);
      }
    }
  });
});
