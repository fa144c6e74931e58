// Fills the Mustache templates of an action file with option values and lists of networks, and finds the names that they use. No
// function has side effects.
import mustache from 'mustache';

/** Fills a template. `parts`: templates that this template may include with `{{> name}}`. Nothing is escaped. */
export function fill(template: string, view: Readonly<Record<string, unknown>>, parts: Readonly<Record<string, string>>): string {
  return mustache.render(template, view, parts, { escape: String });
}

/** Fills the template of a regular expression. Option values match only themselves: a dot in a name matches only a dot. */
export function fillPattern(
  template: string,
  view: Readonly<Record<string, unknown>>,
  parts: Readonly<Record<string, string>>,
): string {
  return mustache.render(template, view, parts, { escape: (value) => String(value).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&') });
}

/** A name that a template uses. `part`: true for the name of a part that is included with `>`. */
interface TemplateName {
  readonly name: string;
  readonly part: boolean;
}

type Token = readonly [type: string, value: string, start: number, end: number, inner?: readonly Token[]];

/**
 * The names that a template uses, also inside sections. Throws an Error for a tag that is not closed, and for a kind of tag that is not
 * allowed.
 */
export function namesIn(template: string): readonly TemplateName[] {
  return namesOf(mustache.parse(template) as unknown as readonly Token[]);
}

function namesOf(tokens: readonly Token[]): readonly TemplateName[] {
  return tokens.flatMap(([type, value, , , inner]) => {
    if (type === 'text' || type === '!') return [];
    if (type === '&' || type === '=') throw new Error(`tag "${type} ${value}" is not allowed, write {{${value}}}`);
    return [{ name: value, part: type === '>' }, ...(Array.isArray(inner) ? namesOf(inner as readonly Token[]) : [])];
  });
}
