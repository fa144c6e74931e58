// Prints the output of commands: tables for people, JSON for programs. Text from a log is escaped.
import type { StricliProcess } from '@stricli/core';
import { printable, printableJson } from '../../lib/text/printable.ts';
import { formatRemaining } from '../../lib/text/duration.ts';
import type { BanRow } from '../../words/desk.ts';
import type { Millis } from '../../words/ports.ts';

/** Writes lines to standard output; characters that could steer a terminal are escaped. */
export function say(process: StricliProcess, lines: string): void {
  const safe = lines.split('\n').map((line) => printable(line, Infinity));
  process.stdout.write(`${safe.join('\n')}\n`);
}

/** Writes a value as JSON; characters that could steer a terminal are escaped, so that a terminal can show it. */
export function sayJson(process: StricliProcess, value: unknown): void {
  say(process, printableJson(value));
}

/** Lays out rows as columns, two blanks apart; the first row holds the headings. Cells are made printable. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => printable(cell)));
  // A table may have a million rows, and Math.max fails with more than about 120,000 arguments.
  const widths = (cells[0] ?? []).map((_, column) => cells.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The table of bans: network, jail, start, time left, number of the offence, reason. */
export function banTable(bans: readonly BanRow[], now: Millis): string {
  const head = ['NETWORK', 'JAIL', 'SINCE', 'ENDS IN', 'OFFENCE', 'REASON'];
  return table([head, ...bans.map((ban) => banCells(ban, now))]);
}

/** The network of a ban. For a client behind a translator, the client's own address comes first: `192.0.2.7 (64:ff9b::c000:207)`. */
export function nameOf({ client, network }: BanRow): string {
  return client === undefined ? network : `${client} (${network})`;
}

function banCells(ban: BanRow, now: Millis): readonly string[] {
  const left = ban.until === null ? 'never' : formatRemaining(Date.parse(ban.until) - now);
  return [nameOf(ban), ban.jail, localTime(Date.parse(ban.since)), left, String(ban.offence), ban.reason];
}

/** A moment in local time: `2026-11-25 08:00:00`. */
export function localTime(at: Millis): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `1 ban`, `2 bans`, `2 near misses`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : word.endsWith('s') ? 'es' : 's'}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
