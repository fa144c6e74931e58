// How commands print: tables for people, JSON for programs. Whatever came from a log is escaped here.
import type { StricliProcess } from '@stricli/core';
import { printable, printableJson } from '../lib/printable.ts';
import { formatDuration } from '../lib/duration.ts';
import type { BanRow, Millis } from '../types.ts';

/** Writes lines to standard output; whatever in them could steer a terminal is escaped. */
export function say(process: StricliProcess, lines: string): void {
  const safe = lines.split('\n').map((line) => printable(line, Infinity));
  process.stdout.write(`${safe.join('\n')}\n`);
}

/** Writes a value as JSON; characters that could steer a terminal are escaped, so that it is safe to look at. */
export function sayJson(process: StricliProcess, value: unknown): void {
  say(process, printableJson(value));
}

/** Columns of text, two blanks apart, headed by the first row. Cells are made printable. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => printable(cell)));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A listing of bans: network, jail, when it began, how long it still lasts, which offence, why. */
export function banTable(bans: readonly BanRow[], now: Millis): string {
  const head = ['NETWORK', 'JAIL', 'SINCE', 'ENDS IN', 'OFFENCE', 'REASON'];
  return table([head, ...bans.map((ban) => banCells(ban, now))]);
}

function banCells(ban: BanRow, now: Millis): readonly string[] {
  const left = ban.until === null ? 'never' : formatDuration(Date.parse(ban.until) - now);
  return [ban.network, ban.jail, localTime(Date.parse(ban.since)), left, String(ban.offence), ban.reason];
}

/** A moment as people read it, in local time: `2026-11-25 08:00:00`. */
export function localTime(at: Millis): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `1 ban`, `2 bans`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
