/**
 * One kept-alive HTTP/1.1 connection that asks the same request over and over, the next when the answer is whole. By hand
 * on a socket: the client shares the machine with the gateway it measures, and a general one costs more than some gateways.
 */
import { connect, type Socket } from 'node:net';

export interface Load {
  readonly port: number;
  /** Path and query of the URL. */
  readonly path: string;
  /** JSON. */
  readonly body: string;
  /** Besides those of every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly ms: number;
}

export interface Connection {
  /** Ends after the answer that is under way, if any. */
  stop(): Promise<void>;
}

/** @param onAnswer called for each answer in order; a connection that breaks rejects through `onFailure`. */
export function openConnection(
  load: Load,
  onAnswer: (answer: Answer) => void,
  onFailure: (error: Error) => void,
): Connection {
  const request = requestOf(load);
  const socket: Socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
  const stopped = Promise.withResolvers<void>();
  let stopping = false;
  let sentAt = 0;
  let head: Head | undefined;
  let received: Buffer[] = [];
  let size = 0;

  const send = () => {
    sentAt = performance.now();
    socket.write(request);
  };
  socket.on('connect', send);
  socket.on('data', (chunk: Buffer) => {
    received.push(chunk);
    size += chunk.length;
    if (!head) {
      const joined = received.length === 1 ? chunk : Buffer.concat(received);
      received = [joined];
      head = readHead(joined);
      if (!head) return;
    }
    if (head.length === undefined ? !endsChunked(received) : size < head.start + head.length) return;
    const whole = received.length === 1 ? received[0]! : Buffer.concat(received, size);
    const body = whole.subarray(head.start);
    const answer = {
      status: head.status,
      body: head.length === undefined ? dechunk(body) : body,
      ms: performance.now() - sentAt,
    };
    head = undefined;
    received = [];
    size = 0;
    onAnswer(answer);
    if (stopping) socket.end();
    else send();
  });
  socket.on('error', onFailure);
  socket.on('close', () => {
    if (!stopping) onFailure(new Error('the gateway closed a connection'));
    stopped.resolve();
  });
  return {
    stop() {
      stopping = true;
      return stopped.promise;
    },
  };
}

interface Head {
  readonly status: number;
  /** Where the body starts. */
  readonly start: number;
  /** Undefined: chunked. */
  readonly length: number | undefined;
}

function requestOf({ port, path, body, headers = {} }: Load): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'content-type: application/json',
    'accept: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const text = bytes.toString('latin1', 0, end);
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  return {
    status: Number(text.slice(9, 12)),
    start: end + 4,
    length: length === undefined ? undefined : Number(length),
  };
}

const LAST_CHUNK = '\r\n0\r\n\r\n';

/** No answer here has that text inside: JSON escapes line breaks. */
function endsChunked(chunks: readonly Buffer[]): boolean {
  let tail = '';
  for (let i = chunks.length - 1; i >= 0 && tail.length < LAST_CHUNK.length; i -= 1) {
    tail = chunks[i]!.subarray(-LAST_CHUNK.length).toString('latin1') + tail;
  }
  return tail.endsWith(LAST_CHUNK);
}

function dechunk(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    const length = Number.parseInt(body.toString('latin1', at, line), 16);
    if (!(length > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
}
