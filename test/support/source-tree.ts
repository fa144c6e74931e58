// Reads the sources as text, for the tests that keep the house in order. The formatter has made them regular, so that short expressions do.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const CHECKOUT = join(import.meta.dirname, '..', '..');

/** One import or re-export. */
export interface Import {
  /** As written: `../lib/log.ts`, `node:fs`, `zod`. */
  readonly from: string;
  /** True when nothing of it is left at run time. */
  readonly typesOnly: boolean;
}

/** One exported name, and whether a doc comment stands above it. */
export interface Export {
  readonly name: string;
  readonly documented: boolean;
}

/** One source file. */
export interface SourceFile {
  /** Below the folder that was read, with slashes: `lib/log.ts`. */
  readonly path: string;
  readonly lines: readonly string[];
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

/** All TypeScript files below a folder of the checkout, in the order of their paths. */
export function readSources(folder: string): readonly SourceFile[] {
  return readdirSync(join(CHECKOUT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .toSorted()
    .map((path) => sourceFile(path, readFileSync(join(CHECKOUT, folder, path), 'utf8')));
}

/** What a file imports and exports, from its text. */
export function sourceFile(path: string, text: string): SourceFile {
  const lines = text.replace(/\n$/, '').split('\n');
  return { path, lines, imports: importsOf(text), exports: exportsOf(lines) };
}

const STATIC = /^(?:import|export) (?:(type )?([^'";]*?) from )?'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*'([^']+)'/g;

function importsOf(text: string): Import[] {
  const fixed = [...text.matchAll(STATIC)].map(([, type, names = '', from = '']) => ({
    from,
    typesOnly: type !== undefined || allTypes(names),
  }));
  const late = [...text.matchAll(DYNAMIC)].map(([, from = '']) => ({ from, typesOnly: false }));
  return [...fixed, ...late];
}

/** `{ type A, type B }` */
function allTypes(names: string): boolean {
  const inside = /^\{([^}]*)\}$/s.exec(names.trim())?.[1];
  const each =
    inside
      ?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '') ?? [];
  return each.length > 0 && each.every((name) => name.startsWith('type '));
}

const DECLARATION =
  /^export (?:default )?(?:abstract |async |declare )*(?:const|let|class|function\*?|interface|type|enum)\s+(\w+)/;

function exportsOf(lines: readonly string[]): Export[] {
  return lines.flatMap((line, index) => {
    const name = DECLARATION.exec(line)?.[1];
    return name === undefined ? [] : [{ name, documented: commentEndsAbove(lines, index) }];
  });
}

/** Overloads and directives for the linter may stand between a comment and what it is about. */
function commentEndsAbove(lines: readonly string[], index: number): boolean {
  let above = index - 1;
  while (/^(?:export function .*;$|\/\/ oxlint-)/.test(lines[above] ?? '')) above -= 1;
  return lines[above]?.endsWith('*/') ?? false;
}
