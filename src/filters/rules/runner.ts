// Runs the rules of all jails on the lines that hold a literal, under a time limit that no line can exceed. Many lines share one limit,
// because starting a limit is slow (guard.ts). A few short lines, which cannot take long with any of the rules, run without a limit.
import { ConfigError } from '../../errors.ts';
import { adviceOn, type Where } from '../../lib/yaml/yaml.ts';
import type { Log } from '../../words/ports.ts';
import { Guard } from './guard.ts';
import { Strangers } from './strangers.ts';
import type { Found } from '../hit.ts';
import type { Filter, Rule } from '../file/load.ts';
import type { Line } from '../search/lines.ts';

export { MissCounts, NEAR_LITERALS, NearMisses, type MissCount } from './nearmiss/nearmiss.ts';

/** The filter of a jail, and the rules that the jail turns on or off. All other rules keep the filter's default. */
export interface JailRules {
  readonly jail: string;
  readonly filter: Filter;
  readonly rules: Readonly<Record<string, boolean>>;
  /** Names of the sources whose lines are matched, in the form of `Batch.source`; all sources by default. */
  readonly sources?: 'all' | readonly string[];
  /** Returns the place of a jail's option in the configuration, for a path such as `['rules', 'client']`. */
  readonly where?: Where;
}

/** A rule that a jail runs. */
interface Active {
  readonly jail: string;
  readonly rule: Rule;
  readonly counts: boolean;
  readonly file: string;
  /** The reason why the rule is no longer run; null while it is run. */
  setAside: string | null;
}

type Execute = (active: Active, regexp: RegExp, text: string) => RegExpExecArray | null;

/** The number of lines that share one time limit. */
const GROUP = 200;

/**
 * Lines that need at most this number of matching steps, by an upper bound, run without a time limit. They take 50 ms at most. One line of
 * 300 characters reaches this number with eight rules.
 */
export const FEW_STEPS = 50_000_000;

/** The rules of all jails. */
export class Runner {
  readonly #jails: readonly (readonly Active[])[];
  /** The degrees of all patterns of each jail, see `Pattern.degree`. */
  readonly #degrees: readonly (readonly number[])[];
  readonly #log: Log;
  readonly #limit: number;
  readonly #guard = new Guard();
  readonly #strangers: Strangers;

  /** `limit`: milliseconds for up to 200 lines. Throws ConfigError for a rule that the jail's filter does not have. */
  constructor(jails: readonly JailRules[], limit: number, log: Log) {
    this.#jails = jails.map(activate);
    this.#degrees = this.#jails.map((jail) => jail.flatMap(({ rule }) => rule.patterns.map((pattern) => pattern.degree)));
    this.#log = log;
    this.#limit = limit;
    this.#strangers = new Strangers([...new Set(jails.flatMap(({ filter }) => filter.names))], log);
  }

  /** For each line and each of its jails, finds the first rule that matches, and returns this rule if it counts. */
  run(lines: readonly Line[]): readonly (readonly Found[])[] {
    const found: (readonly Found[])[] = [];
    for (let first = 0; first < lines.length; first += GROUP) {
      const group = lines.slice(first, first + GROUP);
      const work = (): (readonly Found[])[] => group.map((line) => this.#findIn(line, execute));
      const done = takeFewSteps(group, this.#degrees) ? { value: work() } : this.#guard.run(this.#limit, work);
      const ofGroup = done ? done.value : this.#runSingly(group);
      for (const [index, { text }] of group.entries()) if (ofGroup[index]?.length === 0) this.#strangers.look(text);
      found.push(...ofGroup);
    }
    return found;
  }

  /** The rules that count or were set aside. `setAside` is the reason why a rule is no longer run, and null for a rule that is run. */
  rules(): readonly { readonly jail: string; readonly rule: string; readonly setAside: string | null }[] {
    const counting = this.#jails.flat().filter((active) => active.counts || active.setAside !== null);
    return counting.map(({ jail, rule, setAside }) => ({ jail, rule: rule.name, setAside }));
  }

  #findIn(line: Line, run: Execute): readonly Found[] {
    return line.jails.flatMap((jail) => firstOf(this.#jails[jail] ?? [], line, run) ?? []);
  }

  /** Runs each pattern on each line separately. A rule that takes too long is found and set aside, and all other rules continue. */
  #runSingly(group: readonly Line[]): (readonly Found[])[] {
    const spent = new Map<Active, number>();
    return group.map((line) =>
      this.#findIn(line, (active, regexp, text) => {
        const before = spent.get(active) ?? 0;
        const { value, used } = this.#guard.measure(Math.max(1, this.#limit - before), () => regexp.exec(text));
        spent.set(active, before + used);
        if (value === undefined || before + used > this.#limit) this.#setAside(active);
        return value ?? null;
      }),
    );
  }

  #setAside(active: Active): void {
    const { file, jail, rule } = active;
    active.setAside = `took more than ${this.#limit} ms for up to ${GROUP} lines`;
    this.#log.error(
      `${file}: rule "${rule.name}" ${active.setAside}, rewrite its pattern; jail "${jail}" goes on without it until a reload`,
    );
  }
}

const execute: Execute = (_active, regexp, text) => regexp.exec(text);

/**
 * True when matching these lines with all patterns of their jails needs at most FEW_STEPS. `degrees`: the degrees of the patterns of each
 * jail.
 */
export function takeFewSteps(lines: readonly Pick<Line, 'text' | 'jails'>[], degrees: readonly (readonly number[])[]): boolean {
  let steps = 0;
  for (const { text, jails } of lines) {
    for (const jail of jails) for (const degree of degrees[jail] ?? []) steps += stepsOf(degree, text.length);
    if (steps > FEW_STEPS) return false;
  }
  return true;
}

/** The maximum number of steps that a pattern of this degree takes for a line of this length: the number of ways to divide the line into parts. */
export function stepsOf(degree: number, length: number): number {
  if (degree === Infinity) return Infinity;
  let steps = 1;
  for (let part = 1; part <= degree; part += 1) steps *= length / part;
  return steps;
}

function activate({ jail, filter, rules, where }: JailRules): readonly Active[] {
  const known = filter.rules.map((rule) => rule.name);
  const unknown = Object.keys(rules).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const place = where ? where(['rules', unknown], 'key') : `jail "${jail}"`;
    throw new ConfigError(`${place}: filter "${filter.name}" has no rule "${unknown}", ${adviceOn(unknown, known)}`);
  }
  return filter.rules
    .map((rule): Active => ({ jail, rule, counts: rules[rule.name] ?? rule.on, file: filter.file, setAside: null }))
    .filter((active) => active.counts || active.rule.final);
}

/** A pattern with a `<prefix>` is matched on the usual form of the line, every other pattern on the line as it is written. */
function firstOf(rules: readonly Active[], line: Line, run: Execute): Found | undefined {
  for (const active of rules) {
    for (const { regexp, longest, program } of active.rule.patterns) {
      const text = program === undefined ? line.written : line.text;
      const found = active.setAside === null && text.length <= longest ? run(active, regexp, text) : null;
      if (found) return active.counts ? { jail: active.jail, rule: active.rule.name, groups: found.groups ?? {} } : undefined;
    }
  }
  return undefined;
}
