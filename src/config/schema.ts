// Every option there is: its kind, its default and one sentence. The reference in docs/ and the sample file are printed from here.
import { z } from 'zod';
import { LEVELS } from '../lib/log.ts';
import { DEFAULT_READERS_SOCKET, DEFAULT_SOCKET } from '../package.ts';
import { defaults, jails } from './jails.ts';
import {
  absolutePath,
  fileName,
  flag,
  isAbsolutePath,
  line,
  MAPPING,
  note,
  section,
  shown,
  socketMode,
  span,
  wholeNumber,
} from './kinds.ts';

const DAY = 86_400_000;

const sourceName = z.string().refine((text) => text === 'journal' || isAbsolutePath(text), {
  error: (issue) => `${shown(issue.input)} is neither "journal" nor an absolute path`,
});
const sourceEntry = z.discriminatedUnion(
  'type',
  [
    z
      .strictObject({
        type: z.literal('file').meta(note('A file, or several.')),
        path: absolutePath().meta(note('The file, or a pattern such as `/var/log/mail/*.log`.')),
        from: z
          .enum(['start', 'end'], '"start" or "end" is expected')
          .prefault('end')
          .meta(note('Where reading begins when the file is seen for the very first time.', { kind: '`start` or `end`' })),
      })
      .meta(note('A log file that is followed through rotations.', { heading: 'An entry of sources with `type: file`' })),
    z
      .strictObject({
        type: z.literal('journal').meta(note('There is one journal.')),
        postfix_uid: wholeNumber(0, 4_294_967_294)
          .optional()
          .meta(note('Whose entries are believed.', { fallback: "the user of Postfix's `mail_owner`" })),
      })
      .meta(note('The journal of systemd.', { heading: 'An entry of sources with `type: journal`' })),
  ],
  '"type" is "file" or "journal"',
);

const ACTION_WORDS = 'an action, a list of them, or "auto" is expected';
const action = fileName('an action');
const actionEntry = z
  .looseObject({
    type: action.meta(note('Which action; `auto` is the firewall of this machine.')),
    ports: z
      .union(
        [z.literal('all'), z.array(wholeNumber(1, 65_535), 'a list of ports is expected').min(1, 'at least one port is needed')],
        {
          error: 'a list of ports, or "all", is expected',
        },
      )
      .optional()
      .meta(
        note('Which TCP ports are closed to a banned client.', { kind: 'list of ports, or `all`', fallback: '[25, 465, 587]' }),
      ),
    block: z
      .enum(['drop', 'reject'], '"drop" or "reject" is expected')
      .optional()
      .meta(note('Whether packets vanish or are refused.', { kind: '`drop` or `reject`', fallback: '`drop`' })),
  })
  .meta(note('Further keys are options of the action itself.', { heading: 'An entry of actions' }));

/** What may be written in trapline.yaml. */
export const schema = z.strictObject({
  sources: z
    .union([z.literal('auto'), sourceName, sourceEntry, z.array(z.union([sourceName, sourceEntry], 'a source is expected'))], {
      error: '"auto", "journal", an absolute path or a list of them is expected',
    })
    .prefault('auto')
    .meta(
      note(
        'Where the mail log is. `auto` asks Postfix (`maillog_file`), else takes /var/log/mail.log or /var/log/maillog, else the journal.',
        {
          kind: '`auto`, or a list of absolute paths, patterns, `journal` and entries with `type`, see below',
        },
      ),
    ),
  sources_overlap: flag()
    .prefault(false)
    .meta(note('Allows files and the journal side by side, for machines where they hold different mail.')),
  state: absolutePath()
    .prefault('/var/lib/trapline/trapline.db')
    .meta(note('The ledger: bans, offences, hits, and where reading stopped.')),
  control: section(
    z
      .strictObject(
        {
          socket: absolutePath().prefault(DEFAULT_SOCKET).meta(note('Where the daemon listens for commands.')),
          mode: socketMode().prefault('0660').meta(note('Who may give commands: whoever may write to the socket.')),
          group: line(64)
            .prefault('trapline')
            .meta(note('The group of the socket; without such a group it keeps that of the daemon.')),
          readers: line(64)
            .optional()
            .meta(
              note(
                'A group whose members may ask for status and bans, and change nothing: they get a second socket. The daemon must be root or in that group.',
                { kind: 'name of a group', fallback: 'the members of `group` alone', example: 'monitor' },
              ),
            ),
          readers_socket: absolutePath().prefault(DEFAULT_READERS_SOCKET).meta(note('With `readers`: where that socket is.')),
        },
        MAPPING,
      )
      .meta(note('The socket for the commands.', { heading: 'control', kind: 'mapping, see below' })),
  ),
  actions: z
    .union([action, actionEntry, z.array(z.union([action, actionEntry], ACTION_WORDS))], { error: ACTION_WORDS })
    .prefault('auto')
    .meta(
      note('How a ban becomes real. `auto` is nftables, else ipset, else iptables; on BSD pf.', {
        kind: '`auto`, or a list of names, absolute paths and entries with `type`, see below',
      }),
    ),
  filters_folder: absolutePath()
    .prefault('/etc/trapline/filters')
    .meta(note('Where your own filters are; they are found before the shipped ones.')),
  actions_folder: absolutePath()
    .prefault('/etc/trapline/actions')
    .meta(note('Where your own actions are; they are found before the shipped ones.')),
  sync: span(1000, DAY).prefault('30s').meta(note('How often the firewall is made equal to the ledger.')),
  log_level: z
    .enum(LEVELS, `one of ${LEVELS.join(', ')} is expected`)
    .prefault('info')
    .meta(note('What the daemon writes to its log.', { kind: `one of ${LEVELS.join(', ')}` })),
  hit_retention: span(3_600_000, 3650 * DAY)
    .prefault('90d')
    .meta(note('How long hits are kept in the ledger.')),
  defaults: section(defaults),
  jails,
});

/** The configuration as written, values read and defaults filled in. */
export type Written = z.output<typeof schema>;
