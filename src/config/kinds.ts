// The kinds of values that options have. Each kind reads a value as people write it, or refuses it with a sentence on how to write it.
import { z } from 'zod';
import { familyOf, networkFaultText, parseNetwork, prefixOf, type Network } from '../lib/address.ts';
import { formatDuration, parseDuration } from '../lib/text/duration.ts';
import { printable } from '../lib/text/printable.ts';
import { isSyslogName } from '../lib/text/syslogname.ts';
import { isTranslatorPrefix, TRANSLATOR_LENGTHS } from '../lib/networks/translators.ts';
import type { Millis } from '../words/ports.ts';

/** The notes on an option that the reference and the sample file print. */
export type OptionNote = {
  /** The meaning of the option. */
  readonly description?: string;
  /** The values that the option takes, in words. */
  readonly kind?: string;
  /** The default in words, for an option whose default is not one fixed value. */
  readonly fallback?: string;
  /** The value in the sample file, for an option with `fallback`. The value has the effect that `fallback` describes. */
  readonly sample?: unknown;
  /** A value that is not the default, for a comment in the sample file. */
  readonly example?: unknown;
  /** Heading of the section's own table in the reference. */
  readonly heading?: string;
  /** The section whose options this section takes too. */
  readonly inherits?: string;
  /** The name that the option had in an earlier release; it is still read. */
  readonly formerly?: string;
};

/** Makes the notes on an option from its description and any other notes. */
export function note(description: string, rest: OptionNote = {}): OptionNote {
  return { description, ...rest };
}

const YEAR = 365 * 86_400_000;

type Fail = (message: string) => never;

/** Makes a schema from a function that returns the value or fails with a message. */
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

/** Quotes a written value for a message. */
export function shown(written: unknown): string {
  if (typeof written === 'string') return `"${printable(written, 80)}"`;
  if (typeof written === 'number' || typeof written === 'boolean') return `"${written}"`;
  return typeof written === 'object' && written !== null ? 'a list or mapping' : 'nothing';
}

/** A span of time in milliseconds, from `least` (one second by default) to `most` (100 years by default). */
export function span(least: Millis = 1000, most: Millis = 100 * YEAR) {
  return reading('span of time', (written, fail): Millis =>
    readSpan(written, least, most, 'write it like 90s, 10m, 1h or 7d', fail),
  );
}

/** A span of time of at least one second in milliseconds; null for `forever`, which may be written `-1` as in fail2ban. */
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

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number) {
  return reading(`whole number, ${least} to ${most}`, (written, fail): number => {
    if (typeof written === 'number' && Number.isInteger(written) && written >= least && written <= most) return written;
    return fail(`${shown(written)} is no whole number from ${least} to ${most}`);
  });
}

/** A number from `least` to `most`. */
export function decimalNumber(least: number, most: number) {
  return reading(`number, ${least} to ${most}`, (written, fail): number => {
    if (typeof written === 'number' && written >= least && written <= most) return written;
    return fail(`${shown(written)} is no number from ${least} to ${most}`);
  });
}

/** True or false. YAML 1.2 reads `yes` and `on` as text, which is refused. */
export function flag() {
  return reading('`true` or `false`', (written, fail): boolean => {
    return typeof written === 'boolean' ? written : fail(`${shown(written)} is neither true nor false`);
  });
}

/** One line of text without control characters, of at most `longest` characters. */
export function line(longest: number) {
  return reading('text', (written, fail): string => {
    if (typeof written !== 'string' || written.trim() === '') return fail(`${shown(written)} is no text`);
    if (written.length > longest) return fail(`text of ${written.length} characters, at most ${longest} are allowed`);
    return printable(written, longest) === written ? written : fail(`${shown(written)} holds characters that cannot be seen`);
  });
}

/** A path that begins with `/`. A relative path would have no fixed meaning, because the daemon has no working folder of its own. */
export function absolutePath() {
  return reading('absolute path', (written, fail): string => {
    if (typeof written === 'string' && isAbsolutePath(written)) return written;
    return fail(`${shown(written)} is no absolute path, begin it with /`);
  });
}

/** True for an absolute path without control characters. */
export function isAbsolutePath(text: string): boolean {
  return /^\/./.test(text) && printable(text, text.length) === text;
}

/** Permission bits of a socket, as octal digits in quotes: YAML 1.2 reads 0660 without quotes as six hundred and sixty. */
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

/** Addresses, networks and files: a list, or one text with blanks between the entries as in fail2ban. */
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

/** Prefixes of translators (RFC 6052): a list, or a single prefix. */
export function translatorPrefixes() {
  return z
    .preprocess(
      (written) => (typeof written === 'string' ? [written] : written),
      z.array(z.unknown(), 'a list of prefixes is expected'),
    )
    .transform((entries, context): readonly Network[] =>
      entries.map((entry, index) => {
        const found = typeof entry === 'string' ? parseNetwork(entry) : undefined;
        if (found && 'network' in found && isTranslatorPrefix(found.network)) return found.network;
        const message = prefixFault(entry, found);
        context.issues.push({ code: 'custom', message, input: entry, path: [index] });
        return z.NEVER;
      }),
    )
    .meta({ kind: 'list of IPv6 prefixes' });
}

function prefixFault(entry: unknown, found: ReturnType<typeof parseNetwork> | undefined): string {
  if (found === undefined) return `${shown(entry)} is no prefix, write one like 2001:db8:64::/96`;
  if ('fault' in found) return networkFaultText(String(entry), found);
  const lengths = TRANSLATOR_LENGTHS.join(', ');
  const isLong = familyOf(found.network) === 6 && TRANSLATOR_LENGTHS.includes(prefixOf(found.network));
  if (isLong) return `${shown(entry)}: bits 64 to 71 of a translator's prefix must be zero (RFC 6052)`;
  return `${shown(entry)} is no prefix of a translator, write an IPv6 prefix of ${lengths} bits (RFC 6052)`;
}

/** The name of a filter or action (`what`), or the absolute path of its file. */
export function fileName(what: string) {
  return z
    .string(`the name of ${what}, or an absolute path, is expected`)
    .refine((text) => /^[a-z0-9][a-z0-9-]{0,63}$/.test(text) || isAbsolutePath(text), {
      error: (issue) => `${shown(issue.input)} is no name of ${what} and no absolute path`,
    })
    .meta({ kind: `name of ${what}, or absolute path of its file` });
}

/**
 * `all`, one name, or a list of names of `what` (sources, actions). Whether the names exist is checked later, against the whole
 * configuration.
 */
export function allOrNames(what: string) {
  return reading(`\`all\`, or a list of ${what}`, (written, fail): 'all' | readonly string[] => {
    if (written === 'all') return 'all';
    const names = typeof written === 'string' ? [written] : written;
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string'))
      return fail(`a list of ${what}, or "all", is expected`);
    return names.length > 0 ? names : fail(`an empty list selects no ${what}, name one or leave the option out`);
  });
}

/** `auto`, one syslog_name of Postfix, or a list of these names, see isSyslogName. */
export function syslogNames() {
  return reading('`auto`, or a list of names', (written, fail): 'auto' | readonly string[] => {
    if (written === 'auto') return 'auto';
    const names: readonly unknown[] = Array.isArray(written) ? written : [written];
    const wrong = names.find((name) => typeof name !== 'string' || !isSyslogName(name));
    if (wrong !== undefined)
      return fail(`${shown(wrong)} is no syslog_name of Postfix, write it like postfix, mail-in/submission or mail*`);
    return names.length > 0
      ? (names as readonly string[])
      : fail('an empty list names no Postfix, name one or leave the option out');
  });
}

/** The message for a value that should be a section and is not a mapping. */
export const MAPPING = 'a mapping is expected';

/** A section in which every option has a default, so that the section may be absent or empty. */
export function section<Shape extends z.ZodRawShape>(object: z.ZodObject<Shape, z.core.$strict>) {
  return object.nullish().transform((written) => written ?? object.parse({}));
}
