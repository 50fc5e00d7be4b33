import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookMessage } from '../../collector/contract/webhooks.ts';

/** What the receiver does with one request. `hang`: takes it and never answers. `drip`: answers one byte after the other, for ever. */
export type Behaviour =
  | { status: number; headers?: Record<string, string>; body?: string | Buffer }
  | 'hang'
  | 'reset'
  | 'drip'
  | 'endless';

export interface Received {
  id: string;
  headers: IncomingHttpHeaders;
  body: string;
  message: WebhookMessage;
  /** The address it came to. */
  path: string;
  /** What was done with it. */
  answered: Behaviour;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** TCP connections, also those that never became a request. */
  connections: () => number;
  /** One behaviour for each of the next requests; afterwards it answers 200 again. */
  plan(...behaviours: Behaviour[]): void;
  close(): Promise<void>;
}

/** A webhook receiver on the loopback address that records what it gets and fails as planned. */
export async function openReceiver(
  options: {
    /** What an address does now, where nothing is planned. */
    behaviourOf?: (path: string) => Behaviour;
  } = {},
): Promise<Receiver> {
  const received: Received[] = [];
  const planned: Behaviour[] = [];
  const timers: NodeJS.Timeout[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const path = request.url ?? '';
      const answered = planned.shift() ?? options.behaviourOf?.(path) ?? { status: 200, body: 'thank you' };
      received.push({
        id: String(request.headers['webhook-id'] ?? ''),
        headers: request.headers,
        body,
        message: JSON.parse(body || '{}') as WebhookMessage,
        path,
        answered,
      });
      behave(answered, response, timers);
    });
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    connections: () => connections,
    plan: (...behaviours) => planned.push(...behaviours),
    close: () => {
      for (const timer of timers) clearInterval(timer);
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function behave(behaviour: Behaviour, response: ServerResponse, timers: NodeJS.Timeout[]): void {
  switch (behaviour) {
    case 'hang':
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'drip':
      response.writeHead(200);
      timers.push(setInterval(() => response.write('.'), 20));
      return;
    case 'endless': {
      response.writeHead(200);
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
      return;
    }
    default:
      response.writeHead(behaviour.status, behaviour.headers);
      response.end(behaviour.body ?? '');
  }
}
