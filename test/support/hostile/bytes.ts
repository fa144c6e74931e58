// Changes bytes at random. The seed is in the title of the test, and FUZZ sets the number of runs.

/** A factor for the number of runs of random tests: `FUZZ=50 npx vitest run test/fuzz.test.ts`. */
export const FUZZ: number = Math.max(1, Number(process.env['FUZZ']) || 1);

/** The seed of this run. To repeat a run, set `FUZZ_SEED` to its seed. */
export const SEED: number = Number(process.env['FUZZ_SEED']) || Date.now() % 1_000_000_007;

/** Makes random whole numbers below a bound. The seed determines them (xorshift, Marsaglia 2003). */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  below(bound: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % Math.max(1, bound);
  }
}

/** Bytes that can make a line resemble another line. */
const TELLING = Buffer.from('[]<>:;"\\ =@#{}()\u0000\u001b\u007f\u00e2\u0080\u00a8 from=discard: RCPT triggers spamtrap');

/** Ways to change a line behind the offset `own`, where the client's own address ends. No way changes bytes before it, or adds a newline. */
export const SPOILS: Readonly<Record<string, (line: Buffer, own: number, chance: Chance, other: Buffer) => Buffer>> = {
  flipped: (line, own, chance) => {
    const spoilt = Buffer.from(line);
    for (let count = chance.below(6) + 1; count > 0; count -= 1) {
      const at = own + chance.below(line.length - own);
      const byte = chance.below(2) === 0 ? chance.below(256) : (TELLING[chance.below(TELLING.length)] ?? 0);
      if (at < line.length && byte !== 0x0a) spoilt[at] = byte;
    }
    return spoilt;
  },
  cut: (line, own, chance) => line.subarray(0, own + chance.below(line.length - own + 1)),
  'cut inside': (line, own, chance) => {
    const from = own + chance.below(line.length - own + 1);
    return Buffer.concat([line.subarray(0, from), line.subarray(from + chance.below(line.length - from + 1))]);
  },
  doubled: (line) => Buffer.concat([line, line]),
  'doubled inside': (line, own, chance) => {
    const at = own + chance.below(line.length - own + 1);
    return Buffer.concat([line.subarray(0, at), line.subarray(chance.below(at)), line.subarray(at)]);
  },
  joined: (line, _own, _chance, other) => Buffer.concat([line, other]),
  'with another inside': (line, own, chance, other) => {
    const at = own + chance.below(line.length - own + 1);
    return Buffer.concat([line.subarray(0, at), other, line.subarray(at)]);
  },
};
