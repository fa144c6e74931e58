// The words with which syslog daemons write the facility and the severity of a line, as text of regular expressions.

const FACILITY =
  'kern|user|mail|daemon|auth|security|syslog|lpr|news|uucp|cron|authpriv|ftp|ntp|audit|alert|clock|console|local[0-7]|[0-9]{1,2}';

/** The severities of syslog.conf(5), with the names that are out of use. */
export const SEVERITIES: readonly string[] = [
  'emerg',
  'panic',
  'alert',
  'crit',
  'err',
  'error',
  'warn',
  'warning',
  'notice',
  'info',
  'debug',
];

/** A facility and a severity, such as `mail.info`, `mail|info` or, on AIX, `mail:info`. */
export const LEVEL = `(?:${FACILITY})[.:|](?:${SEVERITIES.join('|')}|[0-7])`;

/** A severity in any case: `info`, `INFO`, `Info`. */
export const SEVERITY = `(?:${SEVERITIES.map((word) => word.replaceAll(/./g, (letter) => `[${letter}${letter.toUpperCase()}]`)).join('|')})`;

/**
 * An address of a host. It matches further texts of these characters, but no word: each has a point or a colon. It does not end with a colon,
 * because `ac::db:` can be the name of a program, whose clients may write the next text.
 */
export const HOST_ADDRESS = '(?:[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{0,41}[0-9A-Fa-f])';
