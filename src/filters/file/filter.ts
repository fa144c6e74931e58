// The types of filters: as they are run, and as they are checked.
import type { Compiled, Pattern } from '../pattern/compile.ts';

/** A named way to recognise a hit. */
export interface Rule<Kind extends Pattern = Pattern> {
  readonly name: string;
  /** True: the rule counts, unless a jail turns it off. False: it counts only if a jail turns it on. */
  readonly on: boolean;
  /** True: no later rule is tried on a line that this rule matches, even if this rule does not count. */
  readonly final: boolean;
  /** The patterns, in the order in which they are tried. */
  readonly patterns: readonly Kind[];
}

/** An example line, and the result that is expected for it. */
export interface Example {
  readonly line: string;
  /** Undefined: no hit is expected. */
  readonly expected:
    | { readonly address: string; readonly rule: string; readonly fields: Readonly<Record<string, string>> }
    | undefined;
  /** `file:line:col` */
  readonly where: string;
}

/** A filter that can be run. */
export interface Filter {
  readonly name: string;
  readonly description: string;
  readonly file: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly rules: readonly Rule[];
  /** The names by which Postfix may mark its lines, see smtpdStart. */
  readonly names: readonly string[];
  /** Every line that a rule matches contains one of these texts, as latin1. */
  readonly literals: readonly string[];
}

/** A filter that has just been compiled from its file. Its examples can be run and forged. */
export interface CompiledFilter extends Filter {
  readonly rules: readonly Rule<Compiled>[];
  readonly examples: readonly Example[];
}
