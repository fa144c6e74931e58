// Reads the lists of mutants in test/mutants/ and finds every fault in them before any test is run.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'rolldown/utils';
import { parse } from 'yaml';

const NEEDED = ['id', 'file', 'find', 'replace', 'test', 'why'];
const OPTIONAL = ['title', 'hangs', 'promise'];

/**
 * Returns all mutants of a checkout, in the order of their lists. Each has `room` (the name of its list), `source` (the mutated text of its file) and
 * `faults` (sentences that name the faults of its entry; empty when the mutant can be run).
 */
export function readMutants(root) {
  const folder = join(root, 'test', 'mutants');
  const lists = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const mutants = lists.toSorted().flatMap((name) => readList(folder, name));
  const seen = new Map();
  for (const mutant of mutants) seen.set(mutant.id, (seen.get(mutant.id) ?? 0) + 1);
  return mutants.map((mutant) => {
    const twice = seen.get(mutant.id) > 1 ? [`the id "${mutant.id}" is used ${seen.get(mutant.id)} times`] : [];
    return { ...mutant, ...mutate(root, mutant, [...twice, ...faultsOfEntry(mutant)]) };
  });
}

/** Returns the mutants whose room, id or `room/id` is among the words; without words, all mutants. Throws an error that names an unknown word. */
export function chosenMutants(mutants, words) {
  const unknown = words.find((word) => !mutants.some((mutant) => namesOf(mutant).includes(word)));
  if (unknown !== undefined) {
    const rooms = [...new Set(mutants.map(({ room }) => room))].join(', ');
    throw new Error(`no room and no mutant is called "${unknown}"; rooms are ${rooms}, and --list shows every mutant`);
  }
  return words.length === 0 ? mutants : mutants.filter((mutant) => namesOf(mutant).some((name) => words.includes(name)));
}

const namesOf = ({ room, id }) => [room, id, `${room}/${id}`];

function readList(folder, name) {
  const room = name.replace(/\.yaml$/, '');
  const entries = parse(readFileSync(join(folder, name), 'utf8'));
  if (!Array.isArray(entries)) throw new Error(`test/mutants/${name}: a list of mutants is expected`);
  return entries.map((entry, index) => ({ ...entry, id: String(entry?.id ?? `number ${index + 1}`), room }));
}

function faultsOfEntry(mutant) {
  const missing = NEEDED.filter((key) => typeof mutant[key] !== 'string').map((key) => `"${key}" is missing or is no text`);
  const known = new Set(['room', ...NEEDED, ...OPTIONAL]);
  return [
    ...missing,
    ...Object.keys(mutant)
      .filter((key) => !known.has(key))
      .map((key) => `unknown key "${key}"`),
  ];
}

/** Makes the mutated text of a mutant's file, or returns the faults that prevent it. */
function mutate(root, mutant, faults) {
  if (faults.length > 0) return { faults };
  if (!existsSync(join(root, mutant.test))) return { faults: [`the test file ${mutant.test} does not exist`] };
  if (!namesTest(join(root, mutant.test), mutant.title))
    return { faults: [`${mutant.test} runs no test called "${mutant.title}"`] };
  if (!existsSync(join(root, mutant.file))) return { faults: [`${mutant.file} does not exist`] };
  const original = readFileSync(join(root, mutant.file), 'utf8');
  const places = [...original.matchAll(patternOf(mutant.find))];
  const [place] = places;
  if (!place || places.length > 1) {
    return { faults: [`the text to find occurs ${places.length} times in ${mutant.file}, exactly once is expected`] };
  }
  const source = original.slice(0, place.index) + mutant.replace + original.slice(place.index + place[0].length);
  const before = transformSync(mutant.file, original).code;
  const { code, errors } = transformSync(mutant.file, source);
  if (errors.length > 0) return { faults: [`the mutated file does not compile: ${errors[0].message.split('\n')[0]}`] };
  if (code === before) return { faults: ['the mutation changes no code'] };
  return { source, faults: [] };
}

/** True when the pattern `title`, if there is one, matches text of the test file. */
function namesTest(file, title) {
  return title === undefined || new RegExp(title).test(readFileSync(file, 'utf8').replaceAll(String.raw`\'`, "'"));
}

/** Returns a pattern that finds the text in a file. The indentation of the second and later lines does not count. */
function patternOf(text) {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim().replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  return new RegExp(lines.join(String.raw`\n[ \t]*`), 'g');
}
