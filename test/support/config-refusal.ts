// How a configuration is refused.
import { ConfigError } from '../../src/errors.ts';

/** The message with which a configuration is refused. */
export function refusal(read: () => unknown): string {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message;
    throw thrown;
  }
  return 'not refused';
}
