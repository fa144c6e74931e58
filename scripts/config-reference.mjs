// npm run docs: writes docs/configuration.md and systemd/trapline.yaml from the schema of the configuration.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT, say, setUp } from './setup.mjs';

setUp();
const { configReference, sampleConfig } = await import('../build/config/reference.js');
for (const [path, text] of [
  ['docs/configuration.md', configReference()],
  ['systemd/trapline.yaml', sampleConfig()],
]) {
  mkdirSync(join(ROOT, dirname(path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
  say(`wrote ${path}`);
}
