// Writes numbered lines, and rotates the file in one of five modes:
//   node rotating-writer.mjs FILE MODE LINES LINES_PER_SECOND MILLISECONDS_BETWEEN_ROTATIONS
// rename: the writer opens the new file at once. hup: the writer still writes to the old file for up to 20 ms, as a syslogd does until logrotate's
// postrotate script makes it reopen the log. copytruncate: the file is copied and truncated. delete: the file is deleted. none: the file stays.
import { closeSync, copyFileSync, ftruncateSync, openSync, renameSync, rmSync, unlinkSync, writeSync } from 'node:fs';

const [path = '', mode, ...numbers] = process.argv.slice(2);
const [total = 0, perSecond = 0, interval = 0] = numbers.map(Number);
const KEPT = 6;
const AT_ONCE = 20;
const TEXT =
  ' Nov 25 00:03:16 mx postfix/smtpd[18531]: NOQUEUE: discard: RCPT from unknown[203.0.113.101]: <trap@example.com>: Recipient address triggers spamtrap; helo=<\u00e9\u6f22>';

let file = openSync(path, 'a');
let written = 0;
let rotations = 0;
let reopenAt = 0;

function reopen() {
  closeSync(file);
  file = openSync(path, 'a');
}

function shift() {
  rmSync(`${path}.${KEPT}`, { force: true });
  for (let number = KEPT - 1; number >= 1; number -= 1) {
    try {
      renameSync(`${path}.${number}`, `${path}.${number + 1}`);
    } catch {
      // The file does not exist yet.
    }
  }
}

const ROTATE = {
  rename() {
    shift();
    renameSync(path, `${path}.1`);
    reopen();
  },
  hup() {
    shift();
    renameSync(path, `${path}.1`);
    closeSync(openSync(path, 'a'));
    reopenAt = Date.now() + Math.min(20, interval / 3);
  },
  copytruncate() {
    shift();
    copyFileSync(path, `${path}.1`);
    ftruncateSync(file, 0);
  },
  delete() {
    unlinkSync(path);
    reopen();
  },
  none() {},
};

function write(until) {
  while (written < until) {
    let text = '';
    for (let count = 0; count < AT_ONCE && written < until; count += 1) {
      text += `${String(written).padStart(9, '0')}${TEXT}#${written % 97}\n`;
      written += 1;
    }
    const bytes = Buffer.from(text);
    // Writes some batches in two pieces, so that a reader can find an incomplete line at the end of the file.
    const cut = written % 3 === 0 ? (written * 7919) % bytes.length : bytes.length;
    writeSync(file, bytes.subarray(0, cut));
    if (cut < bytes.length) writeSync(file, bytes.subarray(cut));
  }
}

const start = Date.now();
let rotateAt = start + interval;

function tick() {
  const now = Date.now();
  if (reopenAt > 0 && now >= reopenAt) {
    reopenAt = 0;
    reopen();
  }
  write(Math.min(total, Math.floor(((now - start) * perSecond) / 1000)));
  if (interval > 0 && now >= rotateAt && reopenAt === 0 && written < total) {
    rotations += 1;
    ROTATE[mode]();
    rotateAt = now + interval;
  }
  if (written < total || reopenAt > 0) setTimeout(tick, 1);
  else process.stdout.write(`${JSON.stringify({ rotations, milliseconds: Date.now() - start })}\n`);
}

tick();
