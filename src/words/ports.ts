// The ports that any folder of `src` may use: clock and log.

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Millis = number;

/** Returns the present time. Tests hand in a clock of their own. */
export type Clock = () => Millis;

/** Takes messages by severity. Each message is one line, and `printable` has escaped any attacker text in it. */
export interface Log {
  debug(text: string): void;
  info(text: string): void;
  notice(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}
