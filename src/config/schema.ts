// Defines every option of trapline.yaml: its kind, its default and its description. docs/configuration.md and the sample file are made from
// this schema.
import { z } from 'zod';
import { LEVELS } from '../lib/text/log.ts';
import { DEFAULT_READERS_SOCKET, DEFAULT_SOCKET } from '../package.ts';
import { ENVELOPES } from '../sources/options.ts';
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
  syslogNames,
  translatorPrefixes,
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
        type: z.literal('file').meta(note('Follows one or several log files.')),
        path: absolutePath().meta(note('The file, or a pattern such as `/var/log/mail/*.log`.')),
        from: z
          .enum(['start', 'end'], '"start" or "end" is expected')
          .prefault('end')
          .meta(
            note(
              'Where the daemon begins at its very first start: at the `start` of the file, or at its `end`, to read only new lines.',
              {
                kind: '`start` or `end`',
              },
            ),
          ),
        envelope: z
          .enum(ENVELOPES, `one of ${ENVELOPES.join(', ')} is expected`)
          .optional()
          .meta(
            note(
              'What another program has put around each line: `docker` for the files of the log driver json-file, `cri` for the files of Kubernetes and of the driver k8s-file of Podman, `compose` for the output of `docker logs -t` and `docker compose logs`, `json` for JSON of rsyslog or syslog-ng. A line without this envelope is then no hit. See [envelopes](filters.md#envelopes).',
              { kind: `one of ${ENVELOPES.join(', ')}`, fallback: '`none`', example: 'none' },
            ),
          ),
      })
      .meta(note('A log file that Trapline follows through rotations.', { heading: 'An entry of sources with `type: file`' })),
    z
      .strictObject({
        type: z.literal('journal').meta(note('Follows the journal.')),
        postfix_uid: wholeNumber(0, 4_294_967_294)
          .optional()
          .meta(
            note('The id of the user that Postfix runs as. Only journal entries of this user are read.', {
              fallback: "the user of Postfix's `mail_owner`",
            }),
          ),
        containers: z
          .array(line(255), 'a list of names of containers is expected')
          .optional()
          .meta(
            note(
              'Names of containers whose output counts as the log of Postfix, if Docker (log driver `journald`) or Podman has written it to the journal as root. The programs in these containers must not print lines that a client writes. Entries of every other container are no hits.',
              { kind: 'list of names', fallback: 'no container', example: [] },
            ),
          ),
      })
      .meta(
        note("Postfix's entries in the journal of systemd.", {
          heading: 'An entry of sources with `type: journal`',
        }),
      ),
  ],
  '"type" must be "file" or "journal"',
);

const ACTION_WORDS = 'an action, a list of them, or "auto" is expected';
const action = fileName('an action');
const actionEntry = z
  .looseObject({
    type: action.meta(note('The action; `auto` takes the firewall of this machine.')),
    ports: z
      .union(
        [z.literal('all'), z.array(wholeNumber(1, 65_535), 'a list of ports is expected').min(1, 'at least one port is needed')],
        {
          error: 'a list of ports, or "all", is expected',
        },
      )
      .optional()
      .meta(
        note('Which TCP ports are closed to a banned client.', { kind: 'list of ports, or `all`', fallback: '`[25, 465, 587]`' }),
      ),
    block: z
      .enum(['drop', 'reject'], '"drop" or "reject" is expected')
      .optional()
      .meta(
        note('Whether packets of a banned client are dropped without an answer, or rejected with one.', {
          kind: '`drop` or `reject`',
          fallback: '`drop`',
        }),
      ),
  })
  .meta(note('Every key that is not in this table is an option of the action itself.', { heading: 'An entry of actions' }));

/** The schema of trapline.yaml. */
export const schema = z.strictObject({
  sources: z
    .union([z.literal('auto'), sourceName, sourceEntry, z.array(z.union([sourceName, sourceEntry], 'a source is expected'))], {
      error: '"auto", "journal", an absolute path or a list of them is expected',
    })
    .prefault('auto')
    .meta(
      note(
        'Where the mail log is. `auto` takes the file that the setting `maillog_file` of Postfix names, else /var/log/mail.log or /var/log/maillog, else the journal.',
        {
          kind: '`auto`, or a list of absolute paths, patterns, `journal` and entries with `type`, see below',
        },
      ),
    ),
  sources_overlap: flag()
    .prefault(false)
    .meta(
      note('Allows log files together with the journal. They must record different mail, because otherwise each hit counts twice.'),
    ),
  syslog_names: syslogNames()
    .prefault('auto')
    .meta(
      note(
        'The names with which Postfix marks its lines (`syslog_name`). Lines with other names are no hits. A name includes the names below it: `postfix` includes `postfix/submission`. A `*` at the end stands for any further characters. `auto` is `postfix*` and the names that `postconf` reports from main.cf and master.cf.',
        { example: ['postfix', 'mail-in'] },
      ),
    ),
  state: absolutePath()
    .prefault('/var/lib/trapline/trapline.db')
    .meta(note('The file of the ledger, which holds bans, hits, and the position in each source at which reading stopped.')),
  control: section(
    z
      .strictObject(
        {
          socket: absolutePath().prefault(DEFAULT_SOCKET).meta(note('The path of the socket.')),
          mode: socketMode()
            .prefault('0660')
            .meta(note('The permissions of the socket. Users who may write to the socket may ban and unban.')),
          group: line(64)
            .prefault('trapline')
            .meta(note('The group of the socket. On a machine without this group, the socket keeps the group of the daemon.')),
          readers: line(64)
            .optional()
            .meta(
              note(
                'A group whose members may read status and bans through a second socket, which refuses all other requests. The daemon must be root or a member of this group.',
                { kind: 'name of a group', fallback: 'no second socket', example: 'monitor' },
              ),
            ),
          readers_socket: absolutePath()
            .prefault(DEFAULT_READERS_SOCKET)
            .meta(note('With `readers`: the path of the second socket.')),
        },
        MAPPING,
      )
      .meta(
        note('The socket at which the daemon receives the requests of `trapline status`, `ban` and other commands.', {
          heading: 'control',
          kind: 'mapping, see below',
        }),
      ),
  ),
  actions: z
    .union([action, actionEntry, z.array(z.union([action, actionEntry], ACTION_WORDS))], { error: ACTION_WORDS })
    .prefault('auto')
    .meta(
      note('The actions that carry out bans. `auto` takes nftables, else ipset, else iptables; on BSD it takes pf.', {
        kind: '`auto`, or a list of names, absolute paths and entries with `type`, see below',
      }),
    ),
  filters_folder: absolutePath()
    .prefault('/etc/trapline/filters')
    .meta(note('The folder of your own filters. A filter in this folder replaces the shipped filter with its name.')),
  actions_folder: absolutePath()
    .prefault('/etc/trapline/actions')
    .meta(note('The folder of your own actions. An action in this folder replaces the shipped action with its name.')),
  nat64: translatorPrefixes()
    .prefault([])
    .meta(
      note(
        'Prefixes of your own translators (NAT64, SIIT) through which IPv4 clients reach this server. The IPv4 address inside an address with one of these prefixes counts as the client: Trapline looks it up in `ignoreip`, counts its hits and lists it. 64:ff9b::/96 and the /96 prefixes of 64:ff9b:1::/48 are always included.',
        { example: ['2001:db8:64::/96'] },
      ),
    ),
  sync: span(1000, DAY)
    .prefault('30s')
    .meta(note('The interval at which Trapline compares the firewall with the ledger and corrects differences.')),
  log_level: z
    .enum(LEVELS, `one of ${LEVELS.join(', ')} is expected`)
    .prefault('info')
    .meta(
      note('The daemon logs messages of this level and of all more severe levels.', {
        kind: `one of ${LEVELS.join(', ')}`,
      }),
    ),
  hit_retention: span(3_600_000, 3650 * DAY)
    .prefault('90d')
    .meta(note('How long hits are kept in the ledger.')),
  defaults: section(defaults),
  jails,
});

/** The written options, after their values are read and the defaults are filled in. */
export type Written = z.output<typeof schema>;
