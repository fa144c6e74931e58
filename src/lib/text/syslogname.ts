// The names with which a program marks its lines in a syslog. They come from the configuration of Trapline, or from postconf(1).

/** One to eight parts, separated by slashes, such as `postfix-in/submission`. A `*` at the end stands for any further characters. */
const NAME = /^[A-Za-z0-9_.+@\u{a1}-\u{10ffff}-]{1,64}(?:\/[A-Za-z0-9_.+@\u{a1}-\u{10ffff}-]{1,64}){0,7}\*?$/u;

/** True for a name such as `postfix`, `postfix-in/submission` or `postfix*`. */
export function isSyslogName(text: string): boolean {
  return NAME.test(text);
}

/**
 * The default names of Postfix: `postfix` for the first instance, and names that begin with `postfix-` for all further instances
 * (postmulti(1)).
 */
export const POSTFIX_NAMES: readonly string[] = ['postfix*'];
