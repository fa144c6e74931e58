// Takes off the envelope of container runtimes of Kubernetes (the CRI log format): `2026-11-28T17:00:00.467434244Z stdout F LINE`. The tag is
// `F` for a whole line or the end of a line, and `P` for a part of a line. Podman's driver k8s-file writes this form, too.
import type { Unwrapped } from '../../words/walk.ts';
import { INSTANT, instantOf, writtenAt } from './instant.ts';

const HEAD = new RegExp(`^(?<date>${INSTANT}) (?<stream>stdout|stderr) (?<tag>[FP])(?::[A-Za-z0-9:_-]{1,64})? `);

/** The start of a record. */
export interface CriHead {
  readonly date: string;
  readonly stream: string;
  readonly isPart: boolean;
  /** The number of characters before the line. */
  readonly length: number;
}

/** Reads the start of a record; undefined for any other line. */
export function criHead(text: string): CriHead | undefined {
  const found = HEAD.exec(text);
  const { date, stream, tag } = found?.groups ?? {};
  if (date === undefined || stream === undefined) return undefined;
  return { date, stream, isPart: tag === 'P', length: found?.[0].length ?? 0 };
}

/** The line of a record. Undefined for a part of a line, and for a date that does not exist. */
export function openCri({ date, isPart, length }: CriHead, text: string): Unwrapped | undefined {
  const at = instantOf(date);
  return isPart || at === undefined ? undefined : writtenAt(text.slice(length), at);
}
