// Reads the sources as text, for tests of the source tree. Short regular expressions are sufficient, because every source is formatted.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const CHECKOUT = join(import.meta.dirname, '..', '..');

/** An import or re-export. */
export interface Import {
  /** The specifier as the source has it, such as `../lib/log.ts`, `node:fs` or `zod`. */
  readonly from: string;
  /** True if only types are imported. */
  readonly typesOnly: boolean;
}

/** One exported name, and whether it has a doc comment. */
export interface Export {
  readonly name: string;
  readonly documented: boolean;
}

/** One source file. */
export interface SourceFile {
  /** The path relative to the folder that was read, with slashes, such as `lib/log.ts`. */
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

/** Finds the imports and exports of a file in its text. */
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

/** True for names such as `{ type A, type B }`. */
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

/** True if a comment ends above the declaration. Overloads and linter directives may stand between them. */
function commentEndsAbove(lines: readonly string[], index: number): boolean {
  let above = index - 1;
  while (/^(?:export function .*;$|\/\/ oxlint-)/.test(lines[above] ?? '')) above -= 1;
  return lines[above]?.endsWith('*/') ?? false;
}
