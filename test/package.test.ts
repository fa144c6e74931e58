import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { packagePath } from '../src/package.ts';

it('packagePath returns the path of a file in the package', () => {
  expect(readFileSync(packagePath('package.json'), 'utf8')).toContain('"name": "trapline"');
  expect(readFileSync(packagePath('filters/postfix-spamtrap.yaml'), 'utf8')).toContain('name: postfix-spamtrap');
});
