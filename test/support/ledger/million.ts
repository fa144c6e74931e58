// Fills a ledger with a million hits within seconds, with sqlite3(1) instead of the code of the ledger.
import { execFileSync } from 'node:child_process';

/** Adds `count` hits of many banned clients to the ledger at `path`. The hits are seven milliseconds apart, and the last is at `until`. */
export function addHits(path: string, count: number, until: number): void {
  const octets = [181, 256, 256, 256].map((size, index) => `((i * ${7919 + 2 * index}) % ${size}) + ${index === 0 ? 11 : 0}`);
  execFileSync('sqlite3', [path], {
    input: `
      PRAGMA synchronous = OFF;
      BEGIN;
      WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})
      INSERT INTO hits (at, key, jail, rule, verdict, address, network, trap, sender, helo, queue_id)
        SELECT ${until} - 7 * (${count - 1} - i), printf('%016x', i * 2654435761), 'spamtrap', 'recipient', 'held',
          ${octets.map((octet) => `(${octet})`).join(" || '.' || ")}, '192.0.2.2/32', 'trap@example.com', 'someone@example.net',
          'mail.example.net', 'NOQUEUE' FROM n;
      UPDATE tallies SET hits = hits + ${count} WHERE jail = 'spamtrap' AND verdict = 'held';
      COMMIT;`,
  });
}
