// Checks the text of requests: makes a typed value from it, or refuses the request with a message of one line.
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { parseAddress, type Address } from '../lib/address.ts';
import { printable } from '../lib/text/printable.ts';
import { LONGEST_REASON, type BanRequest, type UnbanRequest } from '../words/desk.ts';
import type { Hit } from '../words/walk.ts';

/** The maximum number of networks in one request. */
const MOST_NETWORKS = 100_000;

/** The longest ban that has an end (milliseconds): 100 years. */
const LONGEST_SPAN = 100 * 365 * 86_400_000;

/** The last instant of a JavaScript Date (ECMA-262, 21.4.1.1). */
const LAST_INSTANT = 8.64e15;

/** Hits are judged in batches of about this size, or of about this many characters. */
const HITS_TOGETHER = 1000;
const TEXT_TOGETHER = 262_144;

/** Networks as they were typed; Orders parses them. The longest text of an IPv6 network has 49 characters. */
const networks = z.array(z.string().max(64, 'longer than any address')).max(MOST_NETWORKS, `more than ${MOST_NETWORKS} networks`);

const banRequest: z.ZodType<BanRequest> = z.strictObject({
  networks,
  duration: z.number().min(1).max(LONGEST_SPAN).nullable().exactOptional(),
  reason: z.string().exactOptional(),
  force: z.boolean().exactOptional(),
});

const unbanRequest: z.ZodType<UnbanRequest> = z.strictObject({
  networks: networks.default([]),
  all: z.boolean().exactOptional(),
  forgive: z.boolean().exactOptional(),
});

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

/** Reads who asks from the header BY_HEADER: at most LONGEST_REASON characters. A value that is not encoded is taken as it is. */
export function parseBy(header: string | readonly string[] | undefined): { readonly by?: string } {
  if (typeof header !== 'string' || header === '') return {};
  return { by: decoded(header).slice(0, LONGEST_REASON) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The hits of a stream of lines, about a thousand at a time; empty lines are skipped. Rejects as `lines` does, and with UsageError for a
 * line that is not a hit; then the hits of the incomplete batch are dropped.
 */
export async function* readHits(lines: AsyncIterable<readonly string[]>): AsyncGenerator<readonly Hit[]> {
  let number = 0;
  let length = 0;
  let bunch: Hit[] = [];
  for await (const some of lines) {
    for (const line of some) {
      number += 1;
      length += line.length;
      if (line.trim() !== '') bunch.push(parseHit(line, number));
    }
    if (bunch.length < HITS_TOGETHER && length < TEXT_TOGETHER) continue;
    yield bunch;
    bunch = [];
    length = 0;
  }
  if (bunch.length > 0) yield bunch;
}

/** Reads one line of a stream of hits. `number`: the number of the line, from 1 on, for messages. Throws UsageError. */
export function parseHit(line: string, number: number): Hit {
  return check(hit, line, `line ${number}`);
}

/** Reads the query of a URL (the part after `?`). Throws UsageError for a parameter that is not in `known` or is given twice. */
export function parseQuery(search: string, known: readonly string[]): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(search)) {
    const words = `parameter "${printable(name, 64)}"`;
    if (!known.includes(name)) throw new UsageError(`unknown ${words}, known parameters: ${known.join(', ') || 'none'}`);
    if (query.has(name)) throw new UsageError(`${words} is given twice, give it once`);
    query.set(name, value);
  }
  return query;
}

/** Reads a parameter that is 1 or 0; it is 0 when it is left out. Throws UsageError. */
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
