// Talks to a Unix socket byte by byte, as a client that does not keep to the rules.
import { connect, type Socket } from 'node:net';

/** An open connection and all that came back on it. */
export interface RawConnection {
  readonly socket: Socket;
  /** What has come back so far. */
  readonly received: () => string;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
}

/** Connects and sends; the connection stays open until one side closes it. */
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
      socket.on('error', () => {}); // It was closed while we wrote.
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

/** The first answer in what was received. */
export function answerIn(received: string): { status: number; body: unknown } {
  const [head = '', body = ''] = received.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: body === '' ? undefined : JSON.parse(body) };
}

/** A POST of a body, with its length unless other headers are given. */
export function post(path: string, body: string | Buffer, headers = `Content-Length: ${Buffer.byteLength(body)}\r\n`): Buffer {
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`), Buffer.from(body)]);
}

/** A GET. */
export function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
}
