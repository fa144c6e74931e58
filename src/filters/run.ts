// Runs the rules of all jails on the lines that hold a literal, under a time limit that no line can break.
// V8 looks for a request to stop while it backtracks, and vm's timeout makes one. That takes a thread for each call: 0.3 ms on an idle machine,
// up to 5 on a busy one. So many lines share one call, and a few short ones, which cannot take long with any of the rules, need none.
import { createContext, Script, type Context } from 'node:vm';
import { ConfigError } from '../errors.ts';
import { nearest } from '../lib/yaml.ts';
import type { Log } from '../types.ts';
import { stepsOf } from './automaton/degree.ts';
import type { Line } from './search/lines.ts';
import type { Filter, Rule } from './load.ts';

/** A jail's filter, and which of its rules count; as the filter has it where nothing is said. */
export interface Watch {
  readonly jail: string;
  readonly filter: Filter;
  readonly rules: Readonly<Record<string, boolean>>;
}

/** A rule that matched a line. */
export interface Found {
  readonly jail: string;
  readonly rule: string;
  readonly groups: Readonly<Record<string, string | undefined>>;
}

/** A rule of a jail at work. */
interface Active {
  readonly jail: string;
  readonly rule: Rule;
  readonly counts: boolean;
  readonly file: string;
  /** Why it is not run any more. */
  setAside: string | null;
}

type Execute = (active: Active, regexp: RegExp, text: string) => RegExpExecArray | null;

/** Lines that share one time limit. */
const GROUP = 200;

/** Steps of matching, in theory and at the very most, that need no time limit: 50 ms. A line of 300 characters comes to that with eight rules. */
const FEW_STEPS = 50_000_000;

/** The rules of all jails. */
export class Runner {
  readonly #jails: readonly (readonly Active[])[];
  /** The degrees of all patterns of each jail. */
  readonly #degrees: readonly (readonly number[])[];
  readonly #log: Log;
  readonly #limit: number;
  readonly #guard = new Guard();

  /** `limit`: milliseconds for up to 200 lines. Throws ConfigError for a rule that the jail's filter does not have. */
  constructor(watches: readonly Watch[], limit: number, log: Log) {
    this.#jails = watches.map(activate);
    this.#degrees = this.#jails.map((jail) => jail.flatMap(({ rule }) => rule.patterns.map((pattern) => pattern.degree)));
    this.#log = log;
    this.#limit = limit;
  }

  /** For each line the first rule of each of its jails that matches, where that rule counts. */
  run(lines: readonly Line[]): readonly (readonly Found[])[] {
    const found: (readonly Found[])[] = [];
    for (let first = 0; first < lines.length; first += GROUP) {
      const group = lines.slice(first, first + GROUP);
      const work = (): (readonly Found[])[] => group.map((line) => this.#findIn(line, execute));
      const done = this.#takesFewSteps(group) ? { value: work() } : this.#guard.run(this.#limit, work);
      found.push(...(done ? done.value : this.#runSingly(group)));
    }
    return found;
  }

  /** All rules that count, and why one of them is not run any more. */
  rules(): readonly { readonly jail: string; readonly rule: string; readonly setAside: string | null }[] {
    const counting = this.#jails.flat().filter((active) => active.counts || active.setAside !== null);
    return counting.map(({ jail, rule, setAside }) => ({ jail, rule: rule.name, setAside }));
  }

  #takesFewSteps(group: readonly Line[]): boolean {
    let steps = 0;
    for (const { text, jails } of group) {
      for (const jail of jails) for (const degree of this.#degrees[jail] ?? []) steps += stepsOf(degree, text.length);
      if (steps > FEW_STEPS) return false;
    }
    return true;
  }

  #findIn(line: Line, run: Execute): readonly Found[] {
    return line.jails.flatMap((jail) => firstOf(this.#jails[jail] ?? [], line.text, run) ?? []);
  }

  /** Runs each pattern on each line by itself, so that the one that takes too long is known and all others go on. */
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
    active.setAside = `took more than ${this.#limit} ms for ${GROUP} lines at most`;
    this.#log.error(
      `${file}: rule "${rule.name}" ${active.setAside}, rewrite its pattern; jail "${jail}" goes on without it until a reload`,
    );
  }
}

const execute: Execute = (_active, regexp, text) => regexp.exec(text);

function activate(watch: Watch): readonly Active[] {
  const { jail, filter, rules } = watch;
  const known = filter.rules.map((rule) => rule.name);
  const unknown = Object.keys(rules).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    const advice = near === undefined ? `known are ${known.join(', ')}` : `did you mean "${near}"?`;
    throw new ConfigError(`jail "${jail}": filter "${filter.name}" has no rule "${unknown}", ${advice}`);
  }
  return filter.rules
    .map((rule): Active => ({ jail, rule, counts: rules[rule.name] ?? rule.on, file: filter.file, setAside: null }))
    .filter((active) => active.counts || active.rule.final);
}

function firstOf(rules: readonly Active[], text: string, run: Execute): Found | undefined {
  for (const active of rules) {
    for (const { regexp } of active.rule.patterns) {
      const found = active.setAside === null ? run(active, regexp, text) : null;
      if (found) return active.counts ? { jail: active.jail, rule: active.rule.name, groups: found.groups ?? {} } : undefined;
    }
  }
  return undefined;
}

/** How often work is started again, with four times the patience each time, before it counts as too slow on a machine that is just busy. */
const ATTEMPTS = 4;

/** Synchronous work under a time limit. What the work throws is passed on. */
class Guard {
  readonly #room: Context & { work?: (() => unknown) | undefined } = createContext({});
  readonly #call = new Script('work()');

  /** Undefined when the work was broken off after `millis`. */
  run<Result>(millis: number, work: () => Result): { readonly value: Result } | undefined {
    this.#room.work = work;
    try {
      return { value: this.#call.runInContext(this.#room, { timeout: Math.ceil(millis) }) as Result };
    } catch (thrown) {
      if (isTimeout(thrown)) return undefined;
      throw thrown;
    } finally {
      this.#room.work = undefined;
    }
  }

  /**
   * Runs the work until it has ended, or has used `millis` of processor time: then the value is undefined. Time in which a machine slept
   * or was busy with something else is not the work's fault.
   */
  measure<Result>(millis: number, work: () => Result): { readonly value: Result | undefined; readonly used: number } {
    let used = 0;
    for (let attempt = 0; attempt < ATTEMPTS && used < millis * 0.9; attempt += 1) {
      let before = process.cpuUsage();
      const done = this.run(millis * 4 ** attempt, () => {
        // Setting up the limit itself is not the work's either.
        before = process.cpuUsage();
        const value = work();
        used = usedSince(before);
        return value;
      });
      if (done) return { value: done.value, used };
      used = usedSince(before);
    }
    return { value: undefined, used };
  }
}

/** Milliseconds of processor time. */
function usedSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The error of a time-out belongs to the context that was stopped, so that `instanceof` does not know it. */
function isTimeout(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
