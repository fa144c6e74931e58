// A strict stand-in for spamdb(8), which keeps entries in a file. Its checks and its output are those of spamdb.c of OpenBSD.
// Its command line is `spamdb.mjs STATE ARGUMENT...`. The file STATE maps each key to its type: {"192.0.2.9": "WHITE"}. If the file is missing,
// spamd never ran in its default mode, because only that mode creates the database.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';

const [file, ...argv] = process.argv.slice(2);
const usage = () => {
  process.stderr.write('usage: spamdb [-adGTt] [keys ...]\n');
  process.exit(1);
};

const options = new Set();
while (/^-./.test(argv[0] ?? '')) for (const letter of argv.shift().slice(1)) options.add(letter);
for (const letter of options) if (!'adGTt'.includes(letter)) usage();
const changes = options.has('a') || options.has('d');
if (options.has('a') && options.has('d')) usage();
// spamdb(8) about -t and -T: "Must be used in conjunction with the -a or -d option."
if ((options.has('t') || options.has('T')) && !changes) usage();
if (options.has('G') && !options.has('d')) usage();
if (options.has('t') && options.has('T')) usage();
if (changes && argv.length === 0) process.exit(2);
if (!existsSync(file)) {
  process.stderr.write(`spamdb: cannot open /var/db/spamd for ${changes ? 'writing' : 'reading'}: No such file or directory\n`);
  process.exit(1);
}
const entries = JSON.parse(readFileSync(file, 'utf8'));

if (!changes) {
  const shown = Object.entries(entries).filter(([key]) => argv.length === 0 || argv.includes(key));
  for (const [key, type] of shown)
    process.stdout.write(type === 'TRAPPED' ? `TRAPPED|${key}|2147483647\n` : `${type}|${key}|||1|1|1|1|1\n`);
  process.exit(0);
}

let failures = 0;
const fail = (text) => {
  failures += 1;
  process.stderr.write(`spamdb: ${text}\n`);
};
for (const key of argv) {
  // In dbupdate of spamdb.c, -a accepts only numerical addresses, and -d accepts any key of the database.
  if (options.has('a') && (options.has('T') ? !key.includes('@') : isIP(key) === 0)) fail(`invalid ip address ${key}`);
  else if (options.has('a')) entries[key] = options.has('T') ? 'SPAMTRAP' : options.has('t') ? 'TRAPPED' : 'WHITE';
  else if (!Object.hasOwn(entries, key)) fail(`no entry for ${key}`);
  else delete entries[key];
}
writeFileSync(file, JSON.stringify(entries));
process.exit(failures % 256);
