// Finds regular expressions that can take exponential time, because they can match one text in very many ways.

/** A group that is open while a pattern is scanned. */
interface Group {
  /** Where the group begins in the pattern. */
  readonly start: number;
  /** True when the group has alternatives, or a part that can match a varying number of characters. */
  varies: boolean;
}

/** A quantifier at the start of a text. */
const QUANTIFIER = /^(?:[*+?]|\{(?<least>\d+)(?<comma>,)?(?<most>\d*)\})/;

/** The start of a group: `(`, `(?:`, `(?=`, `(?!`, `(?<=`, `(?<!`, `(?<name>`. */
const OPENING = /^\((?:\?(?:[:=!]|<[=!]|<[^>]*>))?/;

/**
 * Returns a repeated group of a valid regular expression, if the length of the group varies or the group has alternatives. Examples are
 * `(a+)+` and `(a|ab)*`. Such a group can match one text in exponentially many ways, and a matcher that backtracks tries all of them. Returns
 * undefined when there is no such group. Also returns some harmless groups, such as `(?:a|b)+`, which can be written as `[ab]+`.
 */
export function repeatedGroup(pattern: string): string | undefined {
  const groups: Group[] = [{ start: 0, varies: false }];
  for (let at = 0; at < pattern.length;) {
    const rest = pattern.slice(at);
    const group = groups.at(-1) ?? { start: 0, varies: false };
    const opening = OPENING.exec(rest);
    if (opening) {
      groups.push({ start: at, varies: false });
      at += opening[0].length;
      continue;
    }
    if (pattern[at] === '|') group.varies = true;
    const closed = pattern[at] === ')' ? groups.pop() : undefined;
    at += lengthOfPart(rest);
    const quantifier = QUANTIFIER.exec(pattern.slice(at));
    const outer = groups.at(-1);
    if (closed && quantifier && closed.varies && canRepeat(quantifier))
      return pattern.slice(closed.start, at + quantifier[0].length);
    if (outer && (closed?.varies === true || (quantifier && varies(quantifier)))) outer.varies = true;
    at += quantifier?.[0].length ?? 0;
  }
  return undefined;
}

/** The number of characters of the escape, the class or the single character at the start of a text. */
function lengthOfPart(text: string): number {
  if (text.startsWith('\\')) return 2;
  return /^\[(?:[^\]\\]|\\[^])*\]/.exec(text)?.[0].length ?? 1;
}

/** True for a quantifier that lets its part occur more than once. */
function canRepeat({ 0: text, groups }: RegExpExecArray): boolean {
  if (groups?.['least'] === undefined) return text !== '?';
  return groups['comma'] === undefined ? Number(groups['least']) > 1 : groups['most'] === '' || Number(groups['most']) > 1;
}

/** True for a quantifier that does not fix the number of repetitions: every quantifier except `{2}`, `{2,2}` and the like. */
function varies({ groups }: RegExpExecArray): boolean {
  return groups?.['least'] === undefined || (groups['comma'] !== undefined && groups['most'] !== groups['least']);
}
