// Reads the message that smtpd(8) logs for a result of an access table (check_table_result() and log_whatsup() in smtpd_check.c of Postfix).
import { parseAddress } from '../../../lib/address.ts';

/** The parts of a message about a result of an access table. The operator writes the text of the table, and no client does. */
export interface TableMessage {
  /** The action that Postfix took: `discard`, `reject`, `redirect`, `hold`, ... */
  readonly action: string;
  /** The text of the table, or the text that Postfix writes for an action without one. */
  readonly text: string;
  /** The message in front of the text of the table, and behind it. */
  readonly before: string;
  readonly behind: string;
  /** True when the line has a login: the client is a customer, and the filters leave its lines out on purpose. */
  readonly hasLogin: boolean;
}

const STAGES = '(?:CONNECT|HELO|EHLO|MAIL|RCPT|DATA|BDAT|END-OF-MESSAGE|VRFY|ETRN)';
const CLASSES =
  '(?:Recipient address|Sender address|Helo command|(?:Unverified )?Client host|Client certificate|Data command|End-of-data)';

/** The start of a message up to the client. */
const START = `(?:NOQUEUE|[0-9A-Za-z]{5,24}): (?<action>[a-z_]{3,20}): ${STAGES} from `;

/**
 * A whole message. The client writes the texts in `<>`, and none of these texts may hold `<` or `>`. So the message can be read in one way only,
 * and no text of a client is taken for the text of the table. A message that Postfix cut at 2000 bytes is not read.
 */
const MESSAGE = new RegExp(
  `^(?<before>${START}[A-Za-z0-9._-]{1,255}\\[(?<address>[0-9A-Fa-f.:]{2,45})\\](?::[0-9]{1,5})?: ` +
    `(?:[45][0-9]{2} (?:[45]\\.[0-9]{1,3}\\.[0-9]{1,3} )?)?<[^<>]{0,1000}>: ${CLASSES} (?:rejected: )?)` +
    '(?<text>[^<>;]{1,500})' +
    '(?<behind>; from=<[^<>]{0,1000}>(?: to=<[^<>]{0,1000}>)? proto=[A-Z0-9]{1,16}(?: helo=<[^<>]{0,1000}>)?' +
    '(?<login>(?: sasl_[a-z]{1,16}=[^<>]{0,300}){0,3}))$',
);

/** Reads a message, in latin1. Undefined for any other message, for one that was cut, and when Postfix did not know the client's address. */
export function readMessage(message: string): TableMessage | undefined {
  const { action, text, before, behind, address, login } = MESSAGE.exec(message)?.groups ?? {};
  if (action === undefined || text === undefined || before === undefined || behind === undefined) return undefined;
  if (parseAddress(address ?? '') === undefined) return undefined;
  return { action, text, before, behind, hasLogin: login !== '' };
}

const ANYWHERE = new RegExp(`(?<![0-9A-Za-z])${START}`);

/** The offset at which the first message about an access table begins in a line; -1 if there is none. */
export function startOfMessage(line: string): number {
  return ANYWHERE.exec(line)?.index ?? -1;
}
