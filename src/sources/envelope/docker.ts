// Takes off the envelope of Docker's driver json-file: `{"log":"LINE\n","stream":"stdout","time":"2026-11-28T17:00:00.467434244Z"}`.
// The driver writes `<`, `>` and `&` as escapes, such as \u003c (encoding/json of Go), and may add a member `attrs`.
import type { Millis } from '../../words/ports.ts';
import type { Unwrapped } from '../../words/walk.ts';
import { dateIn } from './members.ts';
import { writtenAt } from './instant.ts';
import { lineIn, textIn, type Members } from './object.ts';

/**
 * The shortest record in bytes that may hold a part of a line. conmon cuts a line into records of 8 KiB, and Docker into records of 16 KiB
 * (`defaultBufSize` of moby's copier.go).
 */
export const SHORTEST_PART = 8192;

/** True for a record of the driver, or of a program that ships such records (Fluentd, Fluent Bit). */
export function isDocker(members: Members): boolean {
  return textIn(members, 'log') !== undefined && /^std(?:out|err)$/.test(textIn(members, 'stream') ?? '');
}

/**
 * True for a record with a part of a line that further records continue. Shippers remove the newline of every line, so a text without a newline
 * is a whole line if it is shorter than SHORTEST_PART.
 */
export function isPart(members: Members): boolean {
  const log = textIn(members, 'log') ?? '';
  return !log.endsWith('\n') && Buffer.byteLength(log) >= SHORTEST_PART;
}

/** The line of a record. Undefined for a part of a line, and for a record without a date of its own or with several lines. */
export function openDocker(members: Members, near: Millis): Unwrapped | undefined {
  const at = dateIn(members, near);
  const line = isPart(members) ? undefined : lineIn(textIn(members, 'log') ?? '');
  return line === undefined || at === undefined ? undefined : writtenAt(line, at);
}
