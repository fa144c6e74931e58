// Gets the message of a ConfigError.
import { ConfigError } from '../../../src/errors.ts';

/** Returns the message of the ConfigError that `read` throws. */
export function refusal(read: () => unknown): string {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message;
    throw thrown;
  }
  return 'not refused';
}
