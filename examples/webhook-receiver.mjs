// A webhook receiver in plain Node. Install `standardwebhooks`, then:
//   WEBHOOK_SECRET=whsec_… node webhook-receiver.mjs
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? '');
const seen = new Set();

const server = createServer(async (request, response) => {
  const headers = /** @type {Record<string, string>} */ (request.headers);
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  try {
    // Checks the signature over the exact bytes, and that the message is not older than five minutes.
    const message = webhook.verify(body, headers);
    // The id is the same over all attempts: a message can come twice, and must count once.
    if (!seen.has(headers['webhook-id'])) onMessage(/** @type {Message} */ (message));
    seen.add(headers['webhook-id']);
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
});

/** @typedef {{ type: string, data: Record<string, string | null> }} Message */
/** @param {Message} message */
function onMessage({ type, data }) {
  if (type === 'abandonment.created') console.log(`write to ${data.email ?? data.visitor}: ${data.resumeUrl}`);
  if (type === 'abandonment.recovered') console.log(`stop writing about ${data.id}`);
}

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`listening on http://127.0.0.1:${port}`);
});
