import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type Duplex, Transform } from 'node:stream';

/** What is done to one request of an agent to the store. */
export type WireFault =
  | { readonly kind: 'status'; readonly status: number }
  /** No answer; the line is cut after so long, or when the agent gives up. */
  | { readonly kind: 'silence'; readonly cutAfterMs: number | null }
  /** The line is cut in the middle of the body. */
  | { readonly kind: 'cut' }
  /** The store does it; its answer is lost. */
  | { readonly kind: 'lost-answer' }
  /** One bit of the body, at this part of its length, arrives turned over. */
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number };

export interface ObjectRequest {
  readonly method: 'GET' | 'PUT';
  /** From 1, among those of its method since the script was set. */
  readonly count: number;
}

/** Decides what happens to each request of an agent to the store; null: nothing. */
export type WireScript = (request: ObjectRequest) => WireFault | null;

/**
 * Stands between one agent and the coordinator, or before an S3 store: what agents ask of the store goes as the script says, all
 * else passes as it is.
 */
export interface Relay {
  readonly address: string;
  script(script: WireScript | null): void;
  /** Status with which the store answered each request that carried a turned bit. */
  readonly answersToFlips: readonly number[];
  close(): Promise<void>;
}

/** Agents have signed addresses only; the coordinator signs the head of its requests to an S3 store. */
const isOfAgent = (url = ''): boolean => url.startsWith('/objects/') || url.includes('X-Amz-Signature=');

interface Passage {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly fault: WireFault | null;
}

/** Opens a relay on a free port of loopback, or of `host`. `upstream` is asked at each request: `host:port`. */
export async function openRelay(upstream: () => string, host = '127.0.0.1'): Promise<Relay> {
  let script: WireScript | null = null;
  const counts = { GET: 0, PUT: 0 };
  const answersToFlips: number[] = [];
  const sockets = new Set<Duplex>();
  const faultFor = ({ method, url }: IncomingMessage): WireFault | null => {
    if (script === null || !isOfAgent(url) || (method !== 'GET' && method !== 'PUT')) return null;
    counts[method] += 1;
    return script({ method, count: counts[method] });
  };
  const server = createServer((request, response) => {
    const fault = faultFor(request);
    pass({ request, response, fault }, upstream(), (status) => answersToFlips.push(status));
  });
  server.on('upgrade', (request, socket: Socket, head) => tunnel({ request, socket, head }, upstream()));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    answersToFlips,
    script(next) {
      script = next;
      counts.GET = 0;
      counts.PUT = 0;
      answersToFlips.length = 0;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function pass({ request, response, fault }: Passage, upstream: string, onFlipAnswered: (status: number) => void): void {
  if (fault?.kind === 'status') {
    request.resume();
    response.writeHead(fault.status, { connection: 'close' }).end('told to');
    return;
  }
  if (fault?.kind === 'silence') {
    request.resume();
    if (fault.cutAfterMs !== null) setTimeout(() => request.socket.destroy(), fault.cutAfterMs).unref();
    return;
  }
  const [host, port] = hostAndPort(upstream);
  const { method, url, headers } = request;
  const onward = httpRequest({ host, port, method, path: url, headers, agent: false }, (answer) => {
    if (fault?.kind === 'flip' && method === 'PUT') onFlipAnswered(answer.statusCode ?? 0);
    if (fault?.kind === 'lost-answer') {
      answer.resume().once('end', () => request.socket.destroy());
      return;
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    const body = method === 'GET' ? withFault(answer, fault, () => request.socket.destroy()) : answer;
    body.pipe(response);
  });
  onward.on('error', () => request.socket.destroy());
  response.on('close', () => onward.destroy());
  const sent = method === 'PUT' ? withFault(request, fault, () => onward.destroy()) : request;
  sent.pipe(onward);
}

/** The body with a bit turned, or one that ends halfway in a cut of the line. */
function withFault(body: IncomingMessage, fault: WireFault | null, cut: () => void): NodeJS.ReadableStream {
  if (fault?.kind !== 'flip' && fault?.kind !== 'cut') return body;
  const total = Number(body.headers['content-length'] ?? 0);
  const target = Math.min(total - 1, Math.floor(total * (fault.kind === 'flip' ? fault.at : 0.5)));
  let offset = 0;
  const transform = new Transform({
    transform(piece: Buffer, _encoding, next) {
      const here = target - offset;
      offset += piece.length;
      if (here < 0 || here >= piece.length) return next(null, piece);
      if (fault.kind === 'cut') {
        transform.push(piece.subarray(0, here));
        setImmediate(cut);
        return;
      }
      const turned = Buffer.from(piece);
      turned[here] = (turned[here] ?? 0) ^ (1 << fault.bit);
      next(null, turned);
    },
  });
  body.on('error', () => transform.destroy());
  return body.pipe(transform);
}

/** The agent's WebSocket, byte by byte. */
function tunnel(
  { request, socket, head }: { request: IncomingMessage; socket: Socket; head: Buffer },
  to: string,
): void {
  const [host, port] = hostAndPort(to);
  const onward = connect(port, host, () => {
    const lines = Array.from({ length: request.rawHeaders.length / 2 }, (_, at) => {
      return `${request.rawHeaders[2 * at]}: ${request.rawHeaders[2 * at + 1]}`;
    });
    onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    if (head.length > 0) onward.write(head);
    socket.pipe(onward).pipe(socket);
  });
  const end = (): void => {
    onward.destroy();
    socket.destroy();
  };
  for (const one of [onward, socket]) one.on('error', end).on('close', end);
}

function hostAndPort(address: string): [string, number] {
  const url = new URL(`http://${address}`);
  return [url.hostname, Number(url.port)];
}
