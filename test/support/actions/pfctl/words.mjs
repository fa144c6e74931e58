// Reads the command line of pfctl as its getopt(3) does: first the options, each in a word of its own, and then the other words.

/** The options that the stand-in knows, and whether they take an argument (getopt strings of OpenBSD and FreeBSD). */
const OPTIONS = { q: false, a: true, f: true, k: true, s: true, t: true, T: true };

/** Prints the text to standard error, and ends the program. */
export function stop(text, code) {
  process.stderr.write(`${text}\n`);
  process.exit(code);
}

export function usage() {
  stop('usage: pfctl [-deghNnPqrvz] [-a anchor] [-D macro=value] [-F modifier]', 1);
}

/** The arguments of each option, by its letter. */
export const given = {};
/** The words after the options. */
export const rest = [];

const argv = process.argv.slice(3);
for (let at = 0; at < argv.length; at += 1) {
  const word = argv[at];
  if (!/^-./.test(word)) {
    rest.push(...argv.slice(at));
    break;
  }
  const letter = word[1];
  if (!Object.hasOwn(OPTIONS, letter)) usage();
  if (!OPTIONS[letter] && word.length > 2) usage();
  if (letter !== 'k' && Object.hasOwn(given, letter)) usage();
  const argument = OPTIONS[letter] ? word.slice(2) || argv[(at += 1)] : '';
  if (argument === undefined) usage();
  (given[letter] ??= []).push(argument);
}
// As in main() of pfctl.c, -T needs -t, and -t needs -T.
if ((given.T === undefined) !== (given.t === undefined)) usage();
