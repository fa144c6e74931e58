import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHECKOUT } from './support/source-tree.ts';

/** Not in a fresh clone. */
const LEFT_BEHIND = new Set(['node_modules', 'dist', 'build', 'coverage', '.git']);

function run(cwd: string, program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('the npm package', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'trapline-package-'));
  const clone = join(folder, 'clone');
  const installed = join(folder, 'lib', 'node_modules', 'trapline');
  const version = (JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string }).version;
  let files: readonly string[] = [];

  /** Unpacks the tarball and puts its production packages beside it, as `npm install` does, without asking the network. */
  const install = (tarball: string): void => {
    mkdirSync(installed, { recursive: true });
    run(folder, 'tar', '-xzf', tarball, '-C', installed, '--strip-components=1');
    const packages = run(CHECKOUT, 'npm', 'ls', '--omit=dev', '--all', '--parseable').trim().split('\n').slice(1);
    for (const path of new Set(packages)) {
      const link = join(dirname(installed), relative(join(CHECKOUT, 'node_modules'), path));
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(path, link);
    }
    mkdirSync(join(folder, 'bin'));
    symlinkSync(join(installed, 'dist', 'main.cjs'), join(folder, 'bin', 'trapline'));
    run(folder, 'chmod', '+x', join(installed, 'dist', 'main.cjs'));
  };

  beforeAll(() => {
    cpSync(CHECKOUT, clone, { recursive: true, filter: (path) => !LEFT_BEHIND.has(basename(path)) });
    symlinkSync(join(CHECKOUT, 'node_modules'), join(clone, 'node_modules'));
    const [packed] = JSON.parse(run(clone, 'npm', 'pack', '--json', '--silent', '--pack-destination', folder)) as [
      { filename: string; files: { path: string }[] },
    ];
    files = packed.files.map((file) => file.path);
    install(join(folder, packed.filename));
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is built when it is packed from a fresh clone', () => {
    expect(files).toContain('dist/main.cjs');
  });

  it('holds what it needs to run and to be set up, and its reference', () => {
    const wanted = [
      'LICENSE',
      'README.md',
      'package.json',
      'docs/configuration.md',
      'systemd/trapline.service',
      'systemd/trapline.sysusers',
    ];
    const shipped = ['systemd/trapline.tmpfiles', 'filters/postfix-spamtrap.yaml', 'actions/nftables.yaml'];
    expect([...wanted, ...shipped].filter((path) => !files.includes(path))).toEqual([]);
  });

  it('holds nothing else', () => {
    const strays = files.filter(
      (path) => !/^(?:dist\/.*\.cjs|(?:filters|actions)\/[a-z-]+\.yaml|systemd\/trapline\.\w+)$/.test(path),
    );
    expect(strays.toSorted()).toEqual(['LICENSE', 'README.md', 'docs/configuration.md', 'package.json']);
  });

  it('runs with its production packages alone', () => {
    const trapline = join(folder, 'bin', 'trapline');
    expect(run(folder, trapline, '--help')).toContain('backfill');
    expect(run(folder, trapline, '--version').trim()).toBe(version);
    const verdicts = run(folder, trapline, 'test', '--json', join(CHECKOUT, 'samples', 'mail.log'))
      .trim()
      .split('\n');
    expect(verdicts.filter((line) => (JSON.parse(line) as { hit: boolean }).hit)).toHaveLength(15);
  });
});
