import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { ConfigError } from '../../../src/errors.ts';
import { inlineYaml, parseYaml, readYaml } from '../../../src/lib/yaml/yaml.ts';

const source = z.union(
  [z.string().startsWith('/', 'no absolute path'), z.strictObject({ path: z.string() })],
  'a path is expected',
);
const schema = z.strictObject({
  bantime: z.string().optional(),
  jails: z.record(z.string(), z.strictObject({ maxretry: z.number().int().default(1), filter: z.string().optional() })).default({}),
  sources: z.array(source).optional(),
});

const fault = (text: string): string => {
  try {
    parseYaml(text, 'trapline.yaml', schema);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.message;
    throw thrown;
  }
  return 'no fault';
};

const all = (text: string): readonly string[] => {
  try {
    parseYaml(text, 'trapline.yaml', schema);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.all;
  }
  return [];
};

describe('parseYaml', () => {
  it('reads a text that matches the schema, with defaults', () => {
    expect(parseYaml('jails:\n  trap: {}\n', 'f', schema).value).toEqual({ jails: { trap: { maxretry: 1 } } });
  });

  it.each(['', '\n', '# nothing but a comment\n'])('reads %j as an empty mapping', (text) => {
    expect(parseYaml(text, 'f', schema).value).toEqual({ jails: {} });
  });

  it('returns the place of each part', () => {
    const { where } = parseYaml('bantime: 1h\njails:\n  trap:\n    maxretry: 3\n', 'f', schema);
    expect(where(['jails', 'trap', 'maxretry'])).toBe('f:4:15');
    expect(where(['jails', 'trap', 'filter'])).toBe('f:4:5');
    expect(where(['nowhere'])).toBe('f:1:1');
    expect(where(['jails', 'trap'], 'key')).toBe('f:3:3');
    expect(where(['jails', 'trap', 'filter'], 'key')).toBe('f:4:5');
    expect(where([], 'key')).toBe('f:1:1');
  });

  it.each([
    ['bantim: 1h\n', 'trapline.yaml:1:1: unknown key "bantim", did you mean "bantime"?'],
    ['jails:\n  trap:\n    maxretri: 3\n', 'trapline.yaml:3:5: unknown key "maxretri", did you mean "maxretry"?'],
    ['jails:\n  trap:\n    colour: red\n', 'trapline.yaml:3:5: unknown key "colour", known keys: maxretry, filter'],
    [
      'jails:\n  trap:\n    maxretry: three\n',
      'trapline.yaml:3:15: "jails.trap.maxretry": Invalid input: expected number, received string',
    ],
    ['sources:\n  - pth: /x\n', 'trapline.yaml:2:5: unknown key "pth", did you mean "path"? (and 1 more)'],
    ['filtre: x\n', 'trapline.yaml:1:1: unknown key "filtre", did you mean "filter" under "jails.<name>"?'],
    ['sources:\n  - mail.log\n', 'trapline.yaml:2:5: entry 1 of "sources": no absolute path'],
    ['sources:\n  - 5\n', 'trapline.yaml:2:5: entry 1 of "sources": a path is expected'],
    ['jails:\n  __proto__: {}\n', 'trapline.yaml:2:3: unknown key "__proto__"'],
    ['bantim = 1h', 'trapline.yaml:1:1: unknown key "bantim", did you mean "bantime"?; lines are written "key: value"'],
    ['bantime = 1h', 'trapline.yaml:1:1: no mapping: "bantime = 1h"; lines are written "key: value"'],
    ['bantime: 1h\nbantime: 2h\n', 'trapline.yaml:2:1: key "bantime" is written twice'],
    ['jails: [\n', 'trapline.yaml:2:1: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['- a\n', 'trapline.yaml:1:1: Invalid input: expected object, received array'],
  ])('refuses %j', (text, message) => {
    expect(fault(text)).toBe(message);
  });

  it.each([
    ['brackets', '['.repeat(20_000)],
    ['brackets that are closed', `sources: ${'['.repeat(3000)}${']'.repeat(3000)}`],
    ['lists in lists', '- '.repeat(10_000)],
    ['steps of indentation', Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('refuses a text that is nested too deeply, of %s', (_what, text) => {
    expect(fault(text)).toMatch(/^trapline\.yaml:\d+:\d+: nested too deeply for an option$/);
  });

  it('accepts long lists on one line, brackets in a text, and a deeply indented text', () => {
    const list = Array.from({ length: 500 }, (_, index) => `/${index}`).join(', ');
    expect(fault(`sources: [${list}] # ${'['.repeat(500)}\nbantime: '${'{'.repeat(500)}'\n`)).toBe('no fault');
    expect(fault(`bantime: |\n${' '.repeat(190)}${'- '.repeat(500)}\n`)).toBe('no fault');
  });

  it('reads a value through each of its aliases', () => {
    const text = 'sources: [&log {path: /var/log/mail.log}, *log]\n';
    expect(parseYaml(text, 'f', schema).value.sources).toEqual([{ path: '/var/log/mail.log' }, { path: '/var/log/mail.log' }]);
  });

  it.each([
    ['sources:\n  - /x\n  - *.log\n', 'trapline.yaml:3:5: "*.log" is an alias without an anchor, put quotes around a text'],
    ['jails: {one: *a, two: &a {}}\n', 'trapline.yaml:1:14: "*a" is an alias without an anchor, put quotes around a text'],
    ['jails: &a {trap: *a}\n', 'trapline.yaml:1:18: unknown key "trap", known keys: maxretry, filter'],
  ])('refuses an alias that has no value in %j', (text, message) => {
    expect(fault(text)).toBe(message);
  });

  it('refuses nested aliases that would expand to millions of values', () => {
    const lines = ['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
      (name, index) =>
        `${name}: &${name} [${Array(9)
          .fill(`*${'abcdefg'.charAt(index)}`)
          .join(',')}]\n`,
    );
    expect(fault(`a: &a [x,x,x,x,x,x,x,x,x]\n${lines.join('')}`)).toMatch(/^trapline\.yaml:1:1: .*alias/i);
  });

  it.each(['!!binary aGk=', '!!set {a, b}', '!!js/function x', '!local x'])('refuses a tag: %s', (value) => {
    expect(fault(`bantime: ${value}\n`)).toMatch(/^trapline\.yaml:1:\d+: a tag \("!\.\.\."\) is not supported, remove it$/);
  });

  it('refuses a second document', () => {
    expect(fault('bantime: 1h\n---\nbantime: 2h\n')).toMatch(/^trapline\.yaml:2:1: a second document begins here, remove it/);
  });

  it('C11: gives every fault with its place, but at most a hundred', () => {
    expect(all('bantim: 1h\nsources: [5]\n')).toEqual([
      expect.stringMatching(/^trapline\.yaml:1:1: unknown key "bantim"/),
      'trapline.yaml:2:11: entry 1 of "sources": a path is expected',
    ]);
    const many = all(`sources: [${'x,'.repeat(250)}]\n`);
    expect([many.length, many.at(-1)]).toEqual([101, 'trapline.yaml: 150 more faults']);
  });

  it('finds the fault in a file with 20,000 keys or list entries', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `  trap${index}: {maxretry: 1}\n`).join('');
    expect(fault(`jails:\n${keys}  trap7: {}\n`)).toBe('trapline.yaml:20002:3: key "trap7" is written twice');
    expect(fault(`jails:\n${keys}  last: {x: 1}\n`)).toBe('trapline.yaml:20002:10: unknown key "x", known keys: maxretry, filter');
    const unknown = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join('');
    expect(fault(unknown)).toMatch(/^trapline\.yaml:1:1: unknown key "k0".* \(and 19999 more\)$/);
    expect(fault(`jails:\n${keys.replaceAll('maxretry', 'x')}`)).toMatch(
      /^trapline\.yaml:2:11: unknown key "x".* \(and 19999 more\)$/,
    );
    expect(fault(`sources: [${'x,'.repeat(20_000)}]\n`)).toMatch(
      /^trapline\.yaml:1:11: entry 1 of "sources": .* \(and 19999 more\)$/,
    );
  });

  it.each([
    ['an unknown key before a wrong value', 'bantim: 1h\nsources: [5]\n', '1:1: unknown key "bantim"'],
    ['a wrong value before an unknown key', 'sources: [5]\nbantim: 1h\n', '1:11: entry 1 of "sources": a path is expected'],
    [
      'an unknown key and a wrong value of one mapping',
      'jails: {trap: {maxretri: 1, maxretry: x}}\n',
      '1:16: unknown key "maxretri"',
    ],
    ['two unknown keys', 'jails: {trap: {b: 1, a: 2}}\n', '1:16: unknown key "b"'],
  ])('reports the first fault of a text with %s', (_what, text, message) => {
    expect(fault(text)).toContain(`trapline.yaml:${message}`);
    expect(fault(text)).toMatch(/\(and 1 more\)$/);
  });

  it('escapes control characters in a key', () => {
    expect(fault('"bad\\e[31m": 1\n')).toContain('unknown key "bad\\u{1b}[31m"');
  });
});

describe('inlineYaml', () => {
  it.each([
    ['1h', '1h'],
    ['0660', "'0660'"],
    [true, 'true'],
    [[25, 465], '[25, 465]'],
    [{ client: false }, '{client: false}'],
    ['a: b', "'a: b'"],
  ])('writes %j as %s', (value, text) => {
    expect(inlineYaml(value)).toBe(text);
    expect(parseYaml(`sources: ${text}`, 'f', z.object({ sources: z.unknown() })).value).toEqual({ sources: value });
  });
});

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'trapline-yaml-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

describe('readYaml', () => {
  it('reads a file as text, whatever its bytes', () => {
    const file = join(folder(), 'f.yaml');
    writeFileSync(file, Buffer.from([0x61, 0xff, 0x00, 0x0a]));
    expect(readYaml(file)).toBe('a\ufffd\u0000\n');
  });

  it('refuses a named pipe, because reading could wait for ever, and accepts the pipe of a shell (/dev/fd)', () => {
    const pipe = join(folder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(() => readYaml(pipe)).toThrow(`${pipe}: is a pipe, name a file`);
    const file = openSync(import.meta.filename, 'r');
    expect(readYaml(`/dev/fd/${file}`)).toContain('a named pipe');
    closeSync(file);
  });

  it('accepts a file of 1 MiB, and refuses a file with one byte more', () => {
    const file = join(folder(), 'f.yaml');
    writeFileSync(file, Buffer.alloc(1_048_576, '#'));
    expect(readYaml(file)).toHaveLength(1_048_576);
    writeFileSync(file, Buffer.alloc(1_048_577, '#'));
    expect(() => readYaml(file)).toThrow(`${file}: longer than 1024 KiB, this is not a configuration file`);
  });

  it.each([
    ['is missing', 'missing', 'ENOENT'],
    ['is a folder', '.', 'EISDIR'],
  ])('throws the error of the system for a file that %s', (_, name, code) => {
    expect(() => readYaml(join(folder(), name))).toThrow(code);
  });

  it('refuses a file far above 1 MiB without reading it completely', () => {
    const file = join(folder(), 'f.yaml');
    writeFileSync(file, '');
    truncateSync(file, 1_000_000_000_000);
    for (const path of [file, '/dev/zero']) expect(() => readYaml(path)).toThrow(`${path}: longer than 1024 KiB`);
  });
});
