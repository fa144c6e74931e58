// The ports of an action.
import type { Clock, Log, Millis } from '../words/ports.ts';
import type { Ipv6 } from './ipv6.ts';

/** The ports and settings of an action. Only log and clock are required. */
export interface ActionPorts {
  readonly log: Log;
  readonly clock: Clock;
  /** Folders that are searched for action files before the shipped folder. */
  readonly folders?: readonly string[];
  /** Milliseconds until a command is killed with its children; 10 s by default. */
  readonly deadline?: Millis;
  /** Milliseconds until a session program that does not answer is killed; 1 s by default. */
  readonly patience?: Millis;
  /** Words that are put in front of every argv, for example `ip netns exec NAME`. */
  readonly wrap?: readonly string[];
  /** Whether the kernel has IPv6; looked up in /proc by default. */
  readonly ipv6?: Ipv6;
  /** Writes the lines of the action `print`; standard output by default. */
  readonly write?: (line: string) => void;
}
