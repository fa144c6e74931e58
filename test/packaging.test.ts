import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checksumOf } from '../src/filters/file/frozen.ts';
import { CHECKOUT } from './support/source-tree.ts';

/** Files and folders of the checkout that a fresh clone does not have. */
const LEFT_BEHIND = new Set(['node_modules', 'dist', 'build', 'coverage', '.git']);

/** The real path of the checkout. The tests may have been started through a symbolic link. */
const PLACE = realpathSync(CHECKOUT);

/** A folder name with characters that have a special meaning in a shell, a URL or a file of the program. */
const AWKWARD = `Trapline's "Ünï côdé" 100% $HOME #1`;

function run(cwd: string, program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The relative links of a Markdown file, without the names of headings. */
function linksOf(text: string): string[] {
  return Array.from(text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g), ([, link = '']) => link).filter((link) => !/^\w+:/.test(link));
}

describe('the npm package', { timeout: 60_000 }, () => {
  const made = mkdtempSync(join(tmpdir(), 'trapline-package-'));
  const folder = join(made, AWKWARD);
  const clone = join(folder, 'clone');
  const installed = join(folder, 'lib', 'node_modules', 'trapline');
  const version = (JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string }).version;
  let files: readonly string[] = [];

  /** Unpacks the tarball and links its production packages beside it, as `npm install` does, but without the network. */
  const install = (tarball: string): void => {
    mkdirSync(installed, { recursive: true });
    run(folder, 'tar', '-xzf', tarball, '-C', installed, '--strip-components=1');
    const packages = run(PLACE, 'npm', 'ls', '--omit=dev', '--all', '--parseable').trim().split('\n').slice(1);
    for (const path of new Set(packages)) {
      const link = join(dirname(installed), relative(join(PLACE, 'node_modules'), path));
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(path, link);
    }
    mkdirSync(join(folder, 'bin'));
    const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { bin: { trapline: string } };
    symlinkSync(join(installed, bin.trapline), join(folder, 'bin', 'trapline'));
    run(folder, 'chmod', '+x', join(installed, bin.trapline));
  };

  beforeAll(() => {
    mkdirSync(folder, { mode: 0o700 });
    cpSync(PLACE, clone, { recursive: true, filter: (path) => !LEFT_BEHIND.has(basename(path)) });
    symlinkSync(join(CHECKOUT, 'node_modules'), join(clone, 'node_modules'));
    // npm gets a new cache, because the user may have no home folder for the default cache.
    const words = ['--json', '--silent', '--cache', join(made, 'cache'), '--pack-destination', folder];
    const [packed] = JSON.parse(run(clone, 'npm', 'pack', ...words)) as [{ filename: string; files: { path: string }[] }];
    files = packed.files.map((file) => file.path);
    install(join(folder, packed.filename));
  }, 120_000);

  afterAll(() => rmSync(made, { recursive: true, force: true }));

  it('is built when it is packed from a fresh clone', () => {
    expect(files).toEqual(expect.arrayContaining(['bin/trapline.cjs', 'dist/main.cjs']));
  });

  it('contains the files that the program needs, the files of systemd, and the documentation', () => {
    const wanted = [
      'LICENSE',
      'README.md',
      'package.json',
      'docs/actions.md',
      'docs/configuration.md',
      'docs/filters.md',
      'docs/reliability.md',
      'systemd/trapline.service',
      'systemd/trapline.sysusers',
    ];
    const shipped = ['systemd/trapline.tmpfiles', 'filters/postfix-spamtrap.yaml', 'actions/nftables.yaml'];
    expect([...wanted, ...shipped].filter((path) => !files.includes(path))).toEqual([]);
  });

  it('contains each of its filters in compiled form', () => {
    const bundle = readdirSync(join(clone, 'dist')).map((name) => readFileSync(join(clone, 'dist', name), 'utf8'));
    const filters = readdirSync(join(clone, 'filters')).map((name) =>
      checksumOf(readFileSync(join(clone, 'filters', name), 'utf8')),
    );
    expect(filters.filter((key) => !bundle.some((text) => text.includes(key)))).toEqual([]);
  });

  it('contains no other file', () => {
    const strays = files.filter(
      (path) =>
        !/^(?:bin\/trapline\.cjs|dist\/.*\.cjs|(?:filters|actions)\/[a-z-]+\.yaml|systemd\/trapline\.\w+|docs\/[\w/-]+\.(?:md|svg))$/.test(
          path,
        ),
    );
    expect(strays.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  it('contains every file to which its documents link', () => {
    const broken = files
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        linksOf(readFileSync(join(installed, path), 'utf8'))
          .map((link) => join(dirname(path), link))
          .filter((target) => !existsSync(join(installed, target)))
          .map((target) => `${path}: ${target}`),
      );
    expect(broken).toEqual([]);
  });

  it('contains every document that its filters, its actions and the files of systemd name', () => {
    const named = files
      .filter((path) => /^(?:filters|actions|systemd)\//.test(path))
      .flatMap((path) => readFileSync(join(installed, path), 'utf8').match(/\bdocs\/[\w/.-]+\w/g) ?? []);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((path) => !files.includes(path))).toEqual([]);
  });

  it('contains the documents that the unit names', () => {
    const unit = readFileSync(join(installed, 'systemd', 'trapline.service'), 'utf8');
    const urls = (/^Documentation=(.*)$/m.exec(unit)?.[1] ?? '').split(' ');
    // Step 2 of the README makes this folder, a symbolic link to the installed package.
    const paths = urls.map((url) => url.replace('file:///usr/local/share/trapline/', ''));
    expect(paths).toContain('README.md');
    expect(paths.filter((path) => !files.includes(path))).toEqual([]);
  });

  it('is packed again without a compilation, until the contents of a source change', () => {
    const steps = (): string =>
      execFileSync('sh', ['-c', 'npm pack --silent --cache "$0" --pack-destination "$0" 2>&1', join(made, 'cache')], {
        cwd: clone,
        encoding: 'utf8',
      });
    expect(steps()).toBe(`trapline-${version}.tgz\n`);
    const source = join(clone, 'src', 'errors.ts');
    appendFileSync(source, '// One more line.\n');
    // The date of the file is older than the program, as in an unpacked archive.
    utimesSync(source, 1, 1);
    expect(steps()).toBe(`trapline: compiling (tsc), bundling (rolldown)\ntrapline-${version}.tgz\n`);
  });

  it('runs with only its production packages', () => {
    const trapline = join(folder, 'bin', 'trapline');
    expect(run(folder, trapline, '--help')).toContain('backfill');
    expect(run(folder, trapline, '--version').trim()).toBe(version);
    const verdicts = run(folder, trapline, 'test', '--json', join(CHECKOUT, 'samples', 'mail.log'))
      .trim()
      .split('\n');
    expect(verdicts.filter((line) => (JSON.parse(line) as { hit: boolean }).hit)).toHaveLength(15);
  });
});
