// Quotes words for scripts of /bin/sh. The paths of a checkout, of Node and of the temporary folder may contain blanks and quotes.

/** Returns the word in quotes, so that the shell does not change it. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
