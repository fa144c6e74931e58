// Writes arbitrary bytes to a Unix socket, as a client that violates HTTP does.
import { connect, type Socket } from 'node:net';

/** An open connection and all bytes received over it. */
export interface RawConnection {
  readonly socket: Socket;
  /** The bytes received so far, as Latin-1. */
  readonly received: () => string;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
}

/** Connects and sends the bytes. The connection stays open until one side closes it. */
export function openRaw(path: string, bytes: string | Buffer = ''): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    let received = '';
    socket.on('data', (piece: Buffer) => (received += piece.toString('latin1')));
    const closed = new Promise<void>((done) => {
      socket.on('end', () => {
        socket.destroy();
        done();
      });
      socket.on('close', () => done());
    });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => {}); // The server may close the connection while the client is still sending.
      if (bytes.length > 0) socket.write(bytes);
      resolve({ socket, received: () => received, closed });
    });
  });
}

/** Sends bytes and waits until the other side closes. Resolves to the status, and the JSON of the answer. */
export async function askRaw(path: string, bytes: string | Buffer): Promise<{ status: number; body: unknown }> {
  const connection = await openRaw(path, bytes);
  await connection.closed;
  return answerIn(connection.received());
}

/** The first answer in the received bytes. */
export function answerIn(received: string): { status: number; body: unknown } {
  const text = bodyIn(received);
  return { status: Number(received.split(' ')[1]), body: text === '' ? undefined : JSON.parse(text) };
}

/** The body of the first answer in the received bytes, with its chunks joined (RFC 9112, section 7.1). */
export function bodyIn(received: string): string {
  const end = received.indexOf('\r\n\r\n');
  const body = end < 0 ? '' : received.slice(end + 4);
  const chunked = /^transfer-encoding: chunked\r$/im.test(received.slice(0, end + 1));
  return Buffer.from(chunked ? joined(body) : body, 'latin1').toString('utf8');
}

function joined(chunks: string): string {
  let text = '';
  for (let rest = chunks; ;) {
    const [head = ''] = rest.split('\r\n', 1);
    const length = Number.parseInt(head, 16);
    if (!(length > 0)) return text;
    text += rest.slice(head.length + 2, head.length + 2 + length);
    rest = rest.slice(head.length + 2 + length + 2);
  }
}

/** A POST request with a body. `headers`: by default, the length of the body. */
export function post(path: string, body: string | Buffer, headers = `Content-Length: ${Buffer.byteLength(body)}\r\n`): Buffer {
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`), Buffer.from(body)]);
}

/** A GET request. */
export function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
}
