import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compile } from './support/e2e/daemon.ts';
import { CHECKOUT } from './support/source-tree.ts';

const BIN = join(CHECKOUT, 'bin', 'trapline.cjs');
const { bin, engines, version } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as {
  readonly bin: { readonly trapline: string };
  readonly engines: { readonly node: string };
  readonly version: string;
};

/** A program that parses a file with the acorn that is part of Node. Its first argument is the edition of ECMAScript, its second the file. */
const PARSER = `
const [edition, file] = process.argv.slice(1);
const text = require('fs').readFileSync(file, 'utf8');
require('internal/deps/acorn/acorn/dist/acorn').parse(text, { ecmaVersion: Number(edition), allowHashBang: true });
`;

const parse = (edition: number, file: string): string =>
  execFileSync(process.execPath, ['--expose-internals', '-e', PARSER, String(edition), file], { encoding: 'utf8', stdio: 'pipe' });

describe('the installed program', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-bin-'));
  beforeAll(() => compile(), 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the program on a Node that reports another version. */
  const runOn = (node: string, ...words: string[]): { code: number | null; out: string; err: string } => {
    const preload = join(folder, `node-${node}.cjs`);
    writeFileSync(preload, `Object.defineProperty(process.versions, 'node', { value: '${node}' });`);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--require', preload, BIN, ...words], { encoding: 'utf8' });
    return { code: status, out: stdout, err: stderr };
  };

  it('is the command of the package', () => {
    expect(join(CHECKOUT, bin.trapline)).toBe(BIN);
  });

  it('is written in ECMAScript 5, so that any Node can read it', () => {
    expect(() => parse(5, BIN)).not.toThrow();
    const modern = join(folder, 'modern.cjs');
    writeFileSync(modern, 'const six = () => 6;');
    expect(() => parse(5, modern)).toThrow('SyntaxError');
  });

  it.each(['18.20.4', '20.18.3', '0.10.48', '9.11.2'])(
    'reports in one line, for every command, that Node %s is too old',
    (node) => {
      for (const words of [[], ['--version'], ['check'], ['status', '--json'], ['nonsense']]) {
        const err = `trapline: Node ${node} is too old, 20.19 or newer is needed\n`;
        expect(runOn(node, ...words)).toEqual({ code: 69, out: '', err });
      }
    },
  );

  it.each(['20.19.0', '20.20.2', '21.0.0', '24.1.0', '100.0.0'])('runs on Node %s', (node) => {
    expect(runOn(node, '--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('requires the version of Node that package.json and the scripts require', () => {
    expect(engines.node).toBe('>=20.19');
    const scripts = readFileSync(join(CHECKOUT, 'scripts', 'setup.mjs'), 'utf8');
    expect(scripts).toContain('major < 20 || (major === 20 && minor < 19)');
  });
});
