// The kinds of values that options have: each reads what people write, or says what to write instead.
import { z } from 'zod';
import { networkFaultText, parseNetwork } from '../lib/address.ts';
import { formatDuration, parseDuration } from '../lib/duration.ts';
import { printable } from '../lib/printable.ts';
import type { Millis } from '../types.ts';

/** What an option says of itself, for the reference. */
export type OptionNote = {
  /** One sentence. */
  readonly description?: string;
  /** Which values it takes, in words. */
  readonly kind?: string;
  /** The default in words, where it is no value of its own. */
  readonly fallback?: string;
  /** A value for the sample file, where there is no default. */
  readonly example?: unknown;
  /** Heading of an object's own table in the reference. */
  readonly heading?: string;
  /** The section whose options an object takes too. */
  readonly inherits?: string;
};

/** Describes an option. */
export function note(description: string, rest: OptionNote = {}): OptionNote {
  return { description, ...rest };
}

const YEAR = 365 * 86_400_000;

type Fail = (message: string) => never;

/** A schema from a function that returns the value or fails with a message. */
function reading<T>(kind: string, read: (written: unknown, fail: Fail) => T) {
  return z
    .unknown()
    .transform((written, context): T => {
      try {
        return read(written, (message) => {
          throw new Fault(message);
        });
      } catch (thrown) {
        if (!(thrown instanceof Fault)) throw thrown;
        context.issues.push({ code: 'custom', message: thrown.message, input: written });
        return z.NEVER;
      }
    })
    .meta({ kind });
}

class Fault extends Error {}

/** How a written value is quoted in a message. */
export function shown(written: unknown): string {
  if (typeof written === 'string') return `"${printable(written, 80)}"`;
  if (typeof written === 'number' || typeof written === 'boolean') return `"${written}"`;
  return typeof written === 'object' && written !== null ? 'a list or mapping' : 'nothing';
}

/** A span of time (milliseconds) between two bounds, one second and 100 years unless told. */
export function span(least: Millis = 1000, most: Millis = 100 * YEAR) {
  return reading('span of time', (written, fail): Millis =>
    readSpan(written, least, most, 'write it like 90s, 10m, 1h or 7d', fail),
  );
}

/** A span of time of at least a second, or null for `forever` (also `-1`, as in fail2ban). */
export function spanOrForever() {
  return reading('span of time, or `forever`', (written, fail): Millis | null => {
    if (written === 'forever' || written === -1) return null;
    return readSpan(written, 1000, 100 * YEAR, 'write it like 10m, 1h, 7d or forever', fail);
  });
}

function readSpan(written: unknown, least: Millis, most: Millis, advice: string, fail: Fail): Millis {
  const text = typeof written === 'string' || typeof written === 'number' ? String(written).trim() : '';
  const millis = parseDuration(text);
  if (millis === undefined) return fail(`${shown(written)} is no span of time, ${advice}`);
  if (millis < least) return fail(`${shown(written)} is too short, at least ${formatDuration(least)} is needed`);
  if (millis > most) return fail(`${shown(written)} is too long, at most ${most / 86_400_000}d is allowed`);
  return millis;
}

/** A whole number between two bounds, both allowed. */
export function wholeNumber(least: number, most: number) {
  return reading(`whole number, ${least} to ${most}`, (written, fail): number => {
    if (typeof written === 'number' && Number.isInteger(written) && written >= least && written <= most) return written;
    return fail(`${shown(written)} is no whole number from ${least} to ${most}`);
  });
}

/** A number between two bounds, both allowed. */
export function decimalNumber(least: number, most: number) {
  return reading(`number, ${least} to ${most}`, (written, fail): number => {
    if (typeof written === 'number' && written >= least && written <= most) return written;
    return fail(`${shown(written)} is no number from ${least} to ${most}`);
  });
}

/** True or false. YAML 1.2 reads `yes` and `on` as text. */
export function flag() {
  return reading('`true` or `false`', (written, fail): boolean => {
    return typeof written === 'boolean' ? written : fail(`${shown(written)} is neither true nor false`);
  });
}

/** One line of text without control characters. */
export function line(longest: number) {
  return reading('text', (written, fail): string => {
    if (typeof written !== 'string' || written.trim() === '') return fail(`${shown(written)} is no text`);
    if (written.length > longest) return fail(`text of ${written.length} characters, at most ${longest} are taken`);
    return printable(written, longest) === written ? written : fail(`${shown(written)} holds characters that cannot be seen`);
  });
}

/** A path from the root; the daemon has no working folder of its own. */
export function absolutePath() {
  return reading('absolute path', (written, fail): string => {
    if (typeof written === 'string' && isAbsolutePath(written)) return written;
    return fail(`${shown(written)} is no absolute path, begin it with /`);
  });
}

/** True for `/...` without control characters. */
export function isAbsolutePath(text: string): boolean {
  return /^\/./.test(text) && printable(text, text.length) === text;
}

/** The mode of the control socket. Digits in octal, and in quotes: YAML 1.2 reads 0660 as six hundred and sixty. */
export function socketMode() {
  return reading("octal digits in quotes, like `'0660'`", (written, fail): number => {
    if (typeof written === 'number') return fail(`${shown(written)} is read as a decimal number, write it in quotes like '0660'`);
    const digits = typeof written === 'string' ? /^(?:0o?)?([0-7]{3})$/.exec(written)?.[1] : undefined;
    if (digits === undefined) return fail(`${shown(written)} is no mode, write three octal digits like '0660'`);
    const mode = Number.parseInt(digits, 8);
    if ((mode & 0o600) !== 0o600) return fail(`${shown(written)} keeps the daemon's own user out, begin it with 06`);
    if ((mode & 0o007) !== 0) return fail(`${shown(written)} lets everybody on this machine ban and unban, end it with 0`);
    return mode;
  });
}

/** Addresses, networks and files: a list, or one text with blanks between them as in fail2ban. */
export function networks() {
  return z
    .union([z.string().transform((text) => text.split(/[\s,]+/).filter((word) => word !== '')), z.array(z.unknown())], {
      error: 'a list of addresses, networks or files is expected',
    })
    .transform((entries, context): readonly string[] =>
      entries.map((entry, index) => {
        if (typeof entry === 'string' && isAbsolutePath(entry)) return entry;
        const found = typeof entry === 'string' ? parseNetwork(entry) : undefined;
        if (found && 'network' in found) return found.network;
        const message = found ? networkFaultText(String(entry), found) : `${shown(entry)}: not an address or network`;
        const advice = message.endsWith('?') ? '' : '; write addresses, networks or absolute paths, names are not looked up';
        context.issues.push({ code: 'custom', message: `${message}${advice}`, input: entry, path: [index] });
        return z.NEVER;
      }),
    )
    .meta({ kind: 'list of addresses, networks and absolute paths of files that list them' });
}

/** The name of a filter or action, or the absolute path of its file. */
export function fileName(what: string) {
  return z
    .string(`the name of ${what}, or an absolute path, is expected`)
    .refine((text) => /^[a-z0-9][a-z0-9-]{0,63}$/.test(text) || isAbsolutePath(text), {
      error: (issue) => `${shown(issue.input)} is no name of ${what} and no absolute path`,
    })
    .meta({ kind: `name of ${what}, or absolute path of its file` });
}

/** What is said to a value that stands where a section belongs. */
export const MAPPING = 'a mapping is expected';

/** An object whose keys all have defaults: may be left out, or written with nothing below it. */
export function section<Shape extends z.ZodRawShape>(object: z.ZodObject<Shape, z.core.$strict>) {
  return object.nullish().transform((written) => written ?? object.parse({}));
}
