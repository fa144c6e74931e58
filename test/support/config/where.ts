// Names the places of options in tests that have no configuration file.
import type { Where } from '../../../src/lib/yaml/yaml.ts';

/** The place of an option: its path, and `key` or `value`. */
export const where: Where = (path, part = 'value') => `${path.join('.')} ${part}`;
