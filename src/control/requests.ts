// Reads what clients ask for: every text that comes in over the socket becomes a value here, or a refusal.
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { parseAddress, type Address } from '../lib/address.ts';
import { printable } from '../lib/printable.ts';
import type { BanRequest, Hit, UnbanRequest } from '../types.ts';
import { LONGEST_LINE } from './protocol.ts';

/** Networks in one request. */
const MOST_NETWORKS = 100_000;

/** No span is longer (milliseconds): 100 years. */
const LONGEST_SPAN = 100 * 365 * 86_400_000;

/** The last instant of a JavaScript Date. */
const LAST_INSTANT = 8.64e15;

/** As typed: what it means is worked out by whoever carries it out. No network is longer than its text with all digits. */
const networks = z.array(z.string().max(64, 'longer than any address')).max(MOST_NETWORKS, `more than ${MOST_NETWORKS} networks`);

const banRequest: z.ZodType<BanRequest> = z.strictObject({
  networks,
  duration: z.number().min(1).max(LONGEST_SPAN).nullable().exactOptional(),
  reason: z.string().max(500).exactOptional(),
  force: z.boolean().exactOptional(),
});

const unbanRequest: z.ZodType<UnbanRequest> = z.strictObject({ networks: networks.default([]), all: z.boolean().exactOptional() });

const address = z.string().transform((text, context): Address => {
  const read = parseAddress(text);
  if (read !== undefined) return read;
  context.issues.push({ code: 'custom', message: `"${printable(text, 64)}": not an address`, input: text });
  return z.NEVER;
});

const hit: z.ZodType<Hit> = z.strictObject({
  jail: z.string().regex(/^[a-z0-9-]{1,64}$/, 'not the name of a jail'),
  rule: z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'not the name of a rule'),
  address,
  at: z.number().int().min(0).max(LAST_INSTANT),
  key: z.string().regex(/^[0-9a-f]{16}$/, 'not a key of 16 hexadecimal digits'),
  fields: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/), z.string()),
});

/** Reads the body of a request for bans. Throws UsageError. */
export function parseBanRequest(body: string): BanRequest {
  return check(banRequest, body, 'body');
}

/** Reads the body of a request to end bans. Throws UsageError. */
export function parseUnbanRequest(body: string): UnbanRequest {
  return check(unbanRequest, body, 'body');
}

/** Reads one line of a stream of hits; `number` counts lines from 1, for the message. Throws UsageError. */
export function parseHit(line: string, number: number): Hit {
  return check(hit, line, `line ${number}`);
}

/** Reads the part of an address after `?`; only the parameters named in `known` are allowed, each once. Throws UsageError. */
export function parseQuery(search: string, known: readonly string[]): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    const words = `parameter "${printable(name, 64)}"`;
    if (!known.includes(name)) throw new UsageError(`unknown ${words}, known here: ${known.join(', ') || 'none'}`);
    if (query.has(name)) throw new UsageError(`${words} is there twice, give it once`);
    query.set(name, value);
  }
  return query;
}

/** Reads a parameter that is 1 or 0, or left out. Throws UsageError. */
export function parseSwitch(query: ReadonlyMap<string, string>, name: string): boolean {
  const value = query.get(name) ?? '0';
  if (value !== '0' && value !== '1') throw new UsageError(`parameter "${name}" is "${printable(value, 64)}", write 1 or 0`);
  return value === '1';
}

function check<T>(schema: z.ZodType<T>, text: string, where: string): T {
  const checked = schema.safeParse(parseJson(text, where));
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const path = issue && issue.path.length > 0 ? `"${issue.path.join('.')}": ` : '';
  throw new UsageError(printable(`${where}: ${path}${issue?.message ?? 'does not fit'}`, 500), { cause: checked.error });
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new UsageError(`${where}: not JSON`, { cause: thrown });
  }
}

/** Splits bytes that come in pieces into lines, without holding more than one line back. */
export class LineSplitter {
  #pending: Buffer[] = [];
  #length = 0;

  /** The lines that end in this piece, without their newlines. Throws UsageError when a line is longer than LONGEST_LINE. */
  add(piece: Buffer): string[] {
    const lines: string[] = [];
    let from = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      this.#hold(piece.subarray(from, end));
      lines.push(this.rest());
      from = end + 1;
    }
    this.#hold(piece.subarray(from));
    return lines;
  }

  /** What came after the last newline. */
  rest(): string {
    const text = Buffer.concat(this.#pending, this.#length).toString('utf8');
    this.#pending = [];
    this.#length = 0;
    return text;
  }

  #hold(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length > LONGEST_LINE) throw new UsageError(`a line of more than ${LONGEST_LINE / 1024} KiB, send one hit a line`);
    if (bytes.length > 0) this.#pending.push(bytes);
  }
}
