// Writes a compiled filter as text, and makes a runnable filter from this text. Compiling the filter again would take 15 ms, which is
// the time of its proof.
import { hash } from 'node:crypto';
import type { CompiledFilter, Filter } from './filter.ts';

/** A filter as JSON. JSON has no infinite numbers, so `null` stands for them. */
interface Frozen extends Omit<Filter, 'file' | 'rules'> {
  readonly rules: readonly {
    readonly name: string;
    readonly on: boolean;
    readonly final: boolean;
    readonly patterns: readonly {
      readonly source: string;
      readonly flags: string;
      readonly degree: number | null;
      readonly longest: number | null;
      readonly program?: string | undefined;
    }[];
  }[];
}

/** The SHA-256 of the text of a filter file, in hexadecimal digits. */
export function checksumOf(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Writes a filter as text. The examples and the proof are left out. */
export function freeze({ name, description, settings, names, literals, rules }: CompiledFilter): string {
  const frozen: Frozen = {
    name,
    description,
    settings,
    names,
    literals,
    rules: rules.map((rule) => ({
      name: rule.name,
      on: rule.on,
      final: rule.final,
      patterns: rule.patterns.map(({ regexp, degree, longest, program }) => ({
        source: regexp.source,
        flags: regexp.flags,
        degree: finite(degree),
        longest: finite(longest),
        program,
      })),
    })),
  };
  return JSON.stringify(frozen);
}

/** Makes a filter from the text that `freeze` has written. `file`: the path of its file. */
export function thaw(text: string, file: string): Filter {
  const frozen = JSON.parse(text) as Frozen;
  return {
    ...frozen,
    file,
    rules: frozen.rules.map((rule) => ({
      ...rule,
      patterns: rule.patterns.map(({ source, flags, degree, longest, program }) => ({
        regexp: new RegExp(source, flags),
        degree: degree ?? Infinity,
        longest: longest ?? Infinity,
        program,
      })),
    })),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
