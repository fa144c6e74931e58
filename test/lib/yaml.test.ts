import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { ConfigError } from '../../src/errors.ts';
import { inlineYaml, parseYaml, readYaml } from '../../src/lib/yaml.ts';

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

describe('parseYaml', () => {
  it('reads a text that fits, with defaults', () => {
    expect(parseYaml('jails:\n  trap: {}\n', 'f', schema).value).toEqual({ jails: { trap: { maxretry: 1 } } });
  });

  it.each(['', '\n', '# nothing but a comment\n'])('reads %j as an empty mapping', (text) => {
    expect(parseYaml(text, 'f', schema).value).toEqual({ jails: {} });
  });

  it('tells where each part stands', () => {
    const { where } = parseYaml('bantime: 1h\njails:\n  trap:\n    maxretry: 3\n', 'f', schema);
    expect(where(['jails', 'trap', 'maxretry'])).toBe('f:4:15');
    expect(where(['jails', 'trap', 'filter'])).toBe('f:4:5');
    expect(where(['nowhere'])).toBe('f:1:1');
  });

  it.each([
    ['bantim: 1h\n', 'trapline.yaml:1:1: unknown key "bantim", did you mean "bantime"?'],
    ['jails:\n  trap:\n    maxretri: 3\n', 'trapline.yaml:3:5: unknown key "maxretri", did you mean "maxretry"?'],
    ['jails:\n  trap:\n    colour: red\n', 'trapline.yaml:3:5: unknown key "colour", known here: maxretry, filter'],
    [
      'jails:\n  trap:\n    maxretry: three\n',
      'trapline.yaml:3:15: "jails.trap.maxretry": Invalid input: expected number, received string',
    ],
    ['sources:\n  - pth: /x\n', 'trapline.yaml:2:5: unknown key "pth", did you mean "path"? (and 1 more)'],
    ['filtre: x\n', 'trapline.yaml:1:1: unknown key "filtre", did you mean "filter" under "jails.<name>"?'],
    ['sources:\n  - mail.log\n', 'trapline.yaml:2:5: "sources.0": no absolute path'],
    ['sources:\n  - 5\n', 'trapline.yaml:2:5: "sources.0": a path is expected'],
    ['jails:\n  __proto__: {}\n', 'trapline.yaml:2:3: unknown key "__proto__"'],
    ['bantim = 1h', 'trapline.yaml:1:1: unknown key "bantim", did you mean "bantime"?; lines are written "key: value"'],
    ['bantime = 1h', 'trapline.yaml:1:1: no mapping: "bantime = 1h"; lines are written "key: value"'],
    ['bantime: 1h\nbantime: 2h\n', 'trapline.yaml:2:1: Map keys must be unique'],
    ['jails: [\n', 'trapline.yaml:2:1: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ['- a\n', 'trapline.yaml:1:1: Invalid input: expected object, received array'],
  ])('refuses %j', (text, message) => {
    expect(fault(text)).toBe(message);
  });

  it('refuses an alias bomb', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefgh'.replaceAll(
      /./g,
      (c) =>
        `${c}: &${c} [${Array(9)
          .fill(`*${String.fromCharCode(c.charCodeAt(0) - 1)}`)
          .join(',')}]\n`,
    )}`;
    expect(fault(bomb)).toMatch(/^trapline\.yaml:1:1: .*alias/i);
  });

  it.each([
    ['brackets', '['.repeat(500_000)],
    ['brackets of mappings', '{a: '.repeat(100_000)],
    ['brackets that are closed', `sources: ${'['.repeat(3000)}${']'.repeat(3000)}`],
    ['lists in lists', '- '.repeat(100_000)],
    ['keys of keys', '? '.repeat(100_000)],
    ['steps of indentation', Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('refuses a text that is nested more deeply than the parser can follow: %s', (_what, text) => {
    expect(fault(text)).toMatch(/^trapline\.yaml:\d+:\d+: nested too deeply, no option is$/);
  });

  it('takes long lists on one line, brackets in text, and deep indentation of text', () => {
    const list = Array.from({ length: 500 }, (_, index) => `/${index}`).join(', ');
    expect(fault(`sources: [${list}] # ${'['.repeat(500)}\nbantime: '${'{'.repeat(500)}'\n`)).toBe('no fault');
    expect(fault(`bantime: |\n${' '.repeat(190)}${'- '.repeat(500)}\n`)).toBe('no fault');
  });

  it.each([
    ['too many', `sources: [&a /x, ${'*a, '.repeat(101)}]`, 'trapline.yaml:1:418: "*a" is one alias too many'],
    ['itself', 'jails: &a {trap: *a}\n', 'trapline.yaml:1:18: "*a" holds itself'],
    ['what is not there', 'jails: *a\n', 'trapline.yaml:1:8: "*a" has no anchor before it'],
  ])('refuses an alias of %s', (_what, text, message) => {
    expect(fault(text)).toBe(message);
  });

  it.each(['!!binary aGk=', '!!set {a, b}', '!!js/function x', '!local x'])('refuses a tag: %s', (value) => {
    expect(fault(`bantime: ${value}\n`)).toMatch(/^trapline\.yaml:1:\d+: no tag \("!\.\.\."\) is known here, take it away$/);
  });

  it('finds the fault in tens of thousands of keys and of entries', () => {
    const keys = Array.from({ length: 40_000 }, (_, index) => `  trap${index}: {maxretry: 1}\n`).join('');
    expect(fault(`jails:\n${keys}  trap7: {}\n`)).toBe('trapline.yaml:40002:3: Map keys must be unique');
    expect(fault(`jails:\n${keys}  last: {x: 1}\n`)).toBe('trapline.yaml:40002:10: unknown key "x", known here: maxretry, filter');
    expect(fault(`sources: [${'x,'.repeat(150_000)}]\n`)).toMatch(/^trapline\.yaml:1:11: "sources\.0": .* \(and 149999 more\)$/);
  });

  it('shows control characters in a key escaped', () => {
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

  it('refuses a named pipe, which nobody may ever write to, and takes what a shell hands over', () => {
    const pipe = join(folder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(() => readYaml(pipe)).toThrow(`${pipe}: is a pipe, name a file`);
    const file = openSync(import.meta.filename, 'r');
    expect(readYaml(`/dev/fd/${file}`)).toContain('a named pipe');
    closeSync(file);
  });

  it('refuses what is above 1 MiB, and reads no further', () => {
    const file = join(folder(), 'f.yaml');
    writeFileSync(file, '');
    truncateSync(file, 1_000_000_000_000);
    for (const path of [file, '/dev/zero']) expect(() => readYaml(path)).toThrow(`${path}: above 1024 KiB`);
  });
});
