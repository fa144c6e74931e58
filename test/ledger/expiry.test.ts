import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LedgerError } from '../../src/errors.ts';
import { Expiry, type Ends } from '../../src/ledger/expiry.ts';
import type { Ledger } from '../../src/ledger/record.ts';
import type { Millis } from '../../src/words/ports.ts';
import { HOUR, MINUTE, NOON, SECOND } from '../support/decision/words.ts';
import { banned, LedgerFile } from '../support/ledger/file.ts';

/** A ledger and an `Expiry` with a clock and timers of the test. The test lets time pass, and can set the wall clock. */
class Glass {
  readonly file = new LedgerFile();
  /** The networks whose bans ended, with the time of each end since the start. */
  readonly ended: [network: string, after: Millis][] = [];
  #passed = 0;
  readonly ledger: Ledger = this.file.open({ steady: () => this.#passed });
  #due: { at: Millis; callback: () => void } | undefined;

  start(ends: Ends = this.ledger): Expiry {
    const expiry = new Expiry(ends, {
      clock: () => this.file.now,
      log: this.file.log,
      ended: (bans) => this.ended.push(...bans.map((ban): [string, Millis] => [ban.network, this.#passed])),
      timer: (millis, callback) => {
        const due = { at: this.#passed + millis, callback };
        this.#due = due;
        return () => {
          if (this.#due === due) this.#due = undefined;
        };
      },
    });
    expiry.start();
    return expiry;
  }

  /** Lets time pass, and runs every timer that becomes due. */
  pass(millis: Millis): void {
    const end = this.#passed + millis;
    while (this.#due && this.#due.at <= end) {
      const { at, callback } = this.#due;
      this.#due = undefined;
      this.#forward(at);
      callback();
    }
    this.#forward(end);
  }

  /** True while a timer is set. */
  get waits(): boolean {
    return this.#due !== undefined;
  }

  #forward(to: Millis): void {
    this.file.now += to - this.#passed;
    this.#passed = to;
  }
}

let glass: Glass;

beforeEach(() => {
  glass = new Glass();
});
afterEach(() => glass.file.remove());

/** Records a ban that ends `millis` after noon. */
const banUntil = (client: string, millis: Millis): void =>
  void glass.ledger.recordStrictly([banned(client, NOON, { until: NOON + millis })]);

/** Returns how many milliseconds too late a ban ended. Its end was to be `due` milliseconds after the start. */
const lateness = (client: string, due: Millis): Millis => {
  const found = glass.ended.find(([network]) => network === `${client}/32`);
  return found ? found[1] - due : Number.NaN;
};

const onTime = (late: Millis): boolean => late >= 0 && late <= SECOND;

describe('Expiry', () => {
  it('ends each ban within a second of its time, and deletes it in the ledger', () => {
    banUntil('192.0.2.1', 10 * SECOND);
    banUntil('192.0.2.2', 10 * SECOND + 1);
    banUntil('192.0.2.3', HOUR);
    glass.start();
    glass.pass(20 * SECOND);
    expect(glass.ended.map(([network]) => network)).toEqual(['192.0.2.1/32', '192.0.2.2/32']);
    expect(lateness('192.0.2.1', 10 * SECOND)).toSatisfy(onTime);
    expect(glass.ledger.standing.list()).toHaveLength(1);
    glass.pass(HOUR);
    expect(lateness('192.0.2.3', HOUR)).toSatisfy(onTime);
  });

  it('ends the bans that are already over when it starts', () => {
    banUntil('192.0.2.1', MINUTE);
    glass.file.now += HOUR;
    glass.start();
    expect(glass.ended).toEqual([['192.0.2.1/32', 0]]);
  });

  it('notices a new ban that ends before all other bans', () => {
    banUntil('192.0.2.1', HOUR);
    glass.start();
    glass.pass(300);
    banUntil('192.0.2.2', 400);
    glass.pass(10 * SECOND);
    expect(lateness('192.0.2.2', 400)).toSatisfy(onTime);
  });

  it('never ends a ban for ever', () => {
    glass.ledger.recordStrictly([banned('192.0.2.1', NOON, { until: null })]);
    glass.start();
    glass.pass(MINUTE);
    glass.file.now += 1000 * 24 * HOUR;
    glass.pass(MINUTE);
    expect(glass.ended).toEqual([]);
  });

  it('ends more bans at once than one call can end', () => {
    glass.ledger.recordStrictly(
      Array.from({ length: 12_000 }, (_, n) => banned(`10.0.${n >> 8}.${n & 255}`, NOON, { until: NOON + SECOND })),
    );
    glass.start();
    glass.pass(2 * SECOND);
    expect(glass.ended).toHaveLength(12_000);
  });

  it('T13: ends bans after their remaining time when the clock is set back by an hour', () => {
    const lengths: [string, Millis][] = [
      ['192.0.2.1', 10 * MINUTE],
      ['192.0.2.2', 20 * MINUTE],
      ['192.0.2.3', 2 * HOUR],
    ];
    for (const [client, length] of lengths) banUntil(client, length);
    glass.start();
    glass.pass(5 * MINUTE);
    glass.file.now -= HOUR;
    glass.pass(3 * HOUR);
    for (const [client, length] of lengths) expect(lateness(client, length)).toSatisfy(onTime);
    expect(glass.file.notices).toEqual(['the clock was set back by 1h; the ends of bans move with it']);
  });

  it('T13: does not move the end of a ban that was made after the clock was set back', () => {
    banUntil('192.0.2.1', 10 * MINUTE);
    glass.start();
    glass.pass(MINUTE);
    glass.file.now -= HOUR;
    glass.pass(MINUTE);
    glass.ledger.recordStrictly([banned('192.0.2.9', glass.file.now, { until: glass.file.now + 10 * MINUTE })]);
    glass.pass(HOUR);
    expect(lateness('192.0.2.1', 10 * MINUTE)).toSatisfy(onTime);
    expect(lateness('192.0.2.9', 12 * MINUTE)).toSatisfy(onTime);
  });

  it.each(['recordStrictly', 'record', 'recordBans'] as const)(
    'T13: does not move the end of a ban that %s makes right after the clock was set back',
    (verb) => {
      banUntil('192.0.2.1', 10 * MINUTE);
      glass.start();
      glass.pass(MINUTE);
      glass.file.now -= HOUR;
      const made = banned('192.0.2.9', glass.file.now, { until: glass.file.now + 10 * MINUTE });
      if (verb === 'recordBans') glass.ledger.recordBans(made.kind === 'ban' ? [made.ban] : []);
      else glass.ledger[verb]([made]);
      glass.pass(HOUR);
      expect(lateness('192.0.2.1', 10 * MINUTE)).toSatisfy(onTime);
      expect(lateness('192.0.2.9', 11 * MINUTE)).toSatisfy(onTime);
    },
  );

  it('T13: ends bans at once when the clock is set forward to a time after their end', () => {
    banUntil('192.0.2.1', 10 * MINUTE);
    banUntil('192.0.2.2', 2 * HOUR);
    glass.start();
    glass.pass(MINUTE);
    glass.file.now += HOUR;
    glass.pass(2 * SECOND);
    expect(lateness('192.0.2.1', MINUTE)).toSatisfy(onTime);
    expect(glass.ledger.standing.list()).toHaveLength(1);
  });

  it('T13: ends a ban at its time when each step of the clock is undone by an opposite step', () => {
    banUntil('192.0.2.1', 2 * HOUR);
    glass.start();
    glass.pass(MINUTE);
    for (const step of [-HOUR, HOUR, HOUR, -HOUR]) {
      glass.file.now += step;
      glass.pass(MINUTE);
    }
    glass.pass(3 * HOUR);
    expect(lateness('192.0.2.1', 2 * HOUR)).toSatisfy(onTime);
  });

  it('T13: follows a clock that is set back by little each time', () => {
    banUntil('192.0.2.1', HOUR);
    glass.start();
    for (let minute = 0; minute < 30; minute += 1) {
      glass.pass(MINUTE);
      glass.file.now -= 1500;
    }
    glass.pass(HOUR);
    expect(lateness('192.0.2.1', HOUR)).toSatisfy((late: Millis) => late >= 0 && late <= 3 * SECOND);
  });

  it('T13: with the clock set forward and then back, ends a ban that was made in between after its own length', () => {
    glass.start();
    glass.pass(MINUTE);
    glass.file.now += 1000 * HOUR;
    glass.pass(300);
    glass.ledger.recordStrictly([banned('192.0.2.9', glass.file.now, { until: glass.file.now + 10 * MINUTE })]);
    glass.pass(2 * MINUTE);
    glass.file.now -= 1000 * HOUR;
    glass.pass(HOUR);
    expect(lateness('192.0.2.9', 11 * MINUTE + 300)).toSatisfy(onTime);
  });

  it('T13: ends a ban in memory on time when the clock was set back while the ledger cannot be written', () => {
    const full = new LedgerError('trapline.db: cannot be written');
    const ends: Ends = {
      expired: () => glass.ledger.expired(),
      followClock: () => {
        throw full;
      },
      standing: glass.ledger.standing,
    };
    banUntil('192.0.2.1', 10 * SECOND);
    glass.start(ends);
    glass.pass(20 * SECOND);
    expect(lateness('192.0.2.1', 10 * SECOND)).toSatisfy(onTime);
  });

  it('tries again while the ledger fails, and logs the failure once', () => {
    let failing = true;
    const ends: Ends = {
      expired: () => glass.ledger.expired(),
      followClock: () => glass.ledger.followClock(),
      standing: {
        nextEnd: () => {
          if (failing) throw new LedgerError('trapline.db: cannot be read');
          return glass.ledger.standing.nextEnd();
        },
      },
    };
    banUntil('192.0.2.1', SECOND);
    glass.start(ends);
    glass.pass(10 * SECOND);
    expect(glass.file.notices).toEqual(['trapline.db: cannot be read; expired bans stay until the ledger can be used']);
    failing = false;
    glass.pass(2 * SECOND);
    expect(lateness('192.0.2.1', 11 * SECOND)).toSatisfy(onTime);
  });

  it('stops its timer', () => {
    const expiry = glass.start();
    expect(glass.waits).toBe(true);
    expiry.stop();
    expect(glass.waits).toBe(false);
  });

  it('works with the default timers, and can be stopped in its callback', async () => {
    const file = new LedgerFile();
    file.now = Date.now();
    const ledger = file.open({ clock: Date.now });
    ledger.recordStrictly([banned('192.0.2.1', file.now, { until: Date.now() + 500 })]);
    const ended = await new Promise((done) => {
      const expiry = new Expiry(ledger, {
        clock: Date.now,
        log: file.log,
        ended: (bans) => {
          expiry.stop();
          done(bans.map((ban) => ban.network));
        },
      });
      expiry.start();
    });
    expect(ended).toEqual(['192.0.2.1/32']);
    file.remove();
  });
});
