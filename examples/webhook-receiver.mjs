// A webhook receiver in plain Node. Install `standardwebhooks`, then:
//   WEBHOOK_SECRET=whsec_… node webhook-receiver.mjs
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? '');
const seen = new Set();

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;

  let message;
  try {
    // Checks the signature over the exact bytes, and that the message is not older than five minutes.
    message = webhook.verify(body, request.headers);
  } catch {
    response.writeHead(401).end();
    return;
  }
  // The same id over all attempts: a message can come twice, and must count once.
  const id = request.headers['webhook-id'];
  if (!seen.has(id)) {
    seen.add(id);
    const { type, data } = message;
    if (type === 'abandonment.created') console.log(`write to ${data.email ?? data.visitor}: ${data.resumeUrl}`);
    if (type === 'abandonment.recovered') console.log(`stop writing about ${data.id}`);
  }
  response.writeHead(204).end();
});

server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
