// Checks the templates of an action file before any template is filled. Each name in a template must be known, and no address may get into
// an argument.
import { ConfigError, messageOf } from '../../errors.ts';
import { printable } from '../../lib/text/printable.ts';
import { LIST_NAMES } from './lists.ts';
import { optionValues } from './optionvalues.ts';
import { adviceOn, type Where } from '../../lib/yaml/yaml.ts';
import { backtrackingFault, VERBS, type ActionFile, type Step, type Verb } from './schema.ts';
import { fillPattern, namesIn } from './template.ts';

/** Checks every template of the file. Throws ConfigError with the place of the first faulty template. */
export function checkTemplates(file: ActionFile, where: Where): void {
  const check = new TemplateCheck(file, where);
  for (const name of Object.keys(file.parts)) check.part(name);
  for (const [name, text] of Object.entries(file.parts)) check.input(['parts', name], text);
  for (const verb of VERBS) {
    for (const [index, step] of (file[verb] ?? []).entries()) check.step(verb, [verb, index], step);
  }
  for (const [index, word] of (file.watch?.argv ?? []).entries()) check.word(['watch', 'argv', index], word);
  check.pattern(['watch', 'lines'], file.watch?.lines ?? '');
}

/** The maximum number of parts that a part may include. The part itself counts, and each part counts as often as it is included. */
const MOST_PARTS = 1000;

/** Knows which names the templates of one file may use. */
class TemplateCheck {
  readonly #file: ActionFile;
  readonly #where: Where;
  /** Names made of an option and one of its possible values, such as `block_reject`. */
  readonly #choices: ReadonlySet<string>;

  /** The number of parts that each part includes. The part itself counts. */
  readonly #sizes = new Map<string, number>();

  constructor(file: ActionFile, where: Where) {
    this.#file = file;
    this.#where = where;
    this.#choices = new Set(
      Object.entries(file.options).flatMap(([name, option]) => {
        if (option.type === 'choice') return option.of.map((word) => `${name}_${word}`);
        return option.type === 'ports' ? [`${name}_all`] : [];
      }),
    );
  }

  /**
   * Counts the parts that a part includes, to make sure that it can be filled in. `within`: the parts that include it, the outermost part
   * first. Throws ConfigError for a part that includes itself, and for more than MOST_PARTS.
   */
  part(name: string, within: readonly string[] = []): number {
    const text = this.#file.parts[name] ?? '';
    const known = this.#sizes.get(name);
    if (known !== undefined) return known;
    const chain = [...within, name];
    const place = this.#where(['parts', chain[0] ?? name]);
    if (within.includes(name))
      throw new ConfigError(
        `${place}: part "${printable(name)}" includes itself: ${printable(chain.join(' > '), 200)}, take one of these away`,
      );
    this.#attempt(['parts', name], () => namesIn(text));
    let size = 1;
    for (const inner of namesIn(text)) {
      if (inner.part && chain.length < MOST_PARTS) size += this.part(inner.name, chain);
      else if (inner.part) size = Infinity;
      if (size > MOST_PARTS) throw new ConfigError(`${place}: part "${printable(name)}" includes more than ${MOST_PARTS} parts`);
    }
    this.#sizes.set(name, size);
    return size;
  }

  step(verb: Verb, path: readonly PropertyKey[], step: Step): void {
    for (const [index, word] of step.argv.entries()) this.word([...path, 'argv', index], word);
    for (const [index, word] of (step.unless ?? []).entries()) this.word([...path, 'unless', index], word);
    this.word([...path, 'advice'], step.advice ?? '');
    this.pattern([...path, 'expect'], step.expect ?? '');
    this.input([...path, 'stdin'], step.stdin ?? '');
    this.input([...path, 'again'], step.again ?? '');
    if (step.when !== undefined && !this.#choices.has(step.when))
      throw this.#unknown([...path, 'when'], step.when, [...this.#choices]);
    if (step.parse !== undefined && verb !== 'list')
      throw new ConfigError(`${this.#where([...path, 'parse'])}: only the steps of "list" are parsed`);
  }

  /** Checks a template for standard input, which may name options and networks. */
  input(path: readonly PropertyKey[], text: string): void {
    this.#template(path, text, true);
  }

  /** Checks an argument, or a text for the operator, which may name options only. */
  word(path: readonly PropertyKey[], text: string): void {
    this.#template(path, text, false);
  }

  /** Checks a pattern, which may name options only. It has to be a regular expression when the defaults are filled in. */
  pattern(path: readonly PropertyKey[], text: string): void {
    this.word(path, text);
    const { parts } = this.#file;
    this.#attempt(path, () => {
      const filled = fillPattern(text, optionValues(this.#file, {}), parts);
      RegExp(filled);
      const fault = backtrackingFault(filled);
      if (fault !== undefined) throw new ConfigError(fault);
    });
  }

  #template(path: readonly PropertyKey[], text: string, lists: boolean): void {
    this.#attempt(path, () => namesIn(text));
    for (const { name, part } of namesIn(text)) {
      if (part) {
        const inner = this.#file.parts[name];
        if (inner === undefined) throw this.#unknown(path, name, Object.keys(this.#file.parts));
        if (!lists) this.#template(path, inner, false);
        continue;
      }
      const known = [...Object.keys(this.#file.options), ...this.#choices];
      if (known.includes(name) || (lists && LIST_NAMES.includes(name))) continue;
      if (LIST_NAMES.includes(name))
        throw new ConfigError(`${this.#where(path)}: "${name}" cannot stand in an argument, hand it over in stdin`);
      throw this.#unknown(path, name, lists ? [...known, ...LIST_NAMES] : known);
    }
  }

  #attempt(path: readonly PropertyKey[], work: () => unknown): void {
    try {
      work();
    } catch (thrown) {
      throw new ConfigError(`${this.#where(path)}: ${printable(messageOf(thrown))}`, { cause: thrown });
    }
  }

  #unknown(path: readonly PropertyKey[], name: string, known: readonly string[]): ConfigError {
    return new ConfigError(`${this.#where(path)}: unknown name "${printable(name)}", ${adviceOn(name, known)}`);
  }
}
