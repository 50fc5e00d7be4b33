// @ts-check
// Visitors as a process of its own: `node load.js '{"url","site","name","rate","batch","senders","ledger","bytes","everyday"}'`. Sends
// about `rate` events a second, each batch from another page of another visitor, and repeats a batch until it is acknowledged, as the
// tracker does. `everyday`: 5,000 visitors come back to 500 addresses, and start a booking on one page of 25; else all of them do.
// Every answer goes to the ledger: page, events, status (0: no answer), milliseconds. Ends with its standard input.
import { createWriteStream } from 'node:fs';

/** @type {{ url: string, site: string, name: string, rate: number, batch: number, senders: number, ledger: string, bytes: number, everyday: boolean }} */
const { url, site, name, rate, batch, senders, ledger, bytes, everyday } = JSON.parse(process.argv[2] ?? '{}');
const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const book = createWriteStream(ledger, { flags: 'a' });
const everyMs = (1_000 * senders * batch) / rate;
const filler = 'x'.repeat(Math.min(bytes, 500));
const fillers = Math.ceil(bytes / 500);
let running = true;

/** @param {string} page @param {number} number */
function bodyOf(page, number) {
  const visitor = everyday ? `visitor-${number % 5_000}` : page;
  const path = everyday ? `article-${number % 500}` : page;
  const what = everyday && number % 25 > 0 ? 'read_more' : 'booking_start';
  const props = Object.fromEntries(Array.from({ length: fillers }, (_, index) => [`note${index}`, filler]));
  const events = Array.from({ length: batch }, (_, seq) => ({
    seq,
    age: batch - seq,
    name: seq === 0 ? 'pageview' : what,
    ...(seq === 0 ? { url: `https://shop.example/p/${path}` } : {}),
    props: { ...props, booking_id: `${page}-${seq}` },
  }));
  return JSON.stringify({ v: 1, site, sent: Date.now(), visitor, page, events });
}

/** Whether the batch is durable. @param {string} page @param {string} body */
async function send(page, body) {
  const started = performance.now();
  let status = 0;
  let kept = false;
  try {
    const response = await fetch(`${url}/e`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain', 'user-agent': userAgent, origin: 'https://shop.example' },
    });
    const answer = /** @type {{ accepted?: number, dropped?: { reason: string }[] }} */ (await response.json());
    status = response.status;
    const repeated = answer.dropped?.filter(({ reason }) => reason === 'duplicate').length ?? 0;
    kept = status === 202 && (answer.accepted ?? 0) + repeated === batch;
    if (status === 202 && !kept) status = 299;
  } catch {
    // Nobody is there, or not any more: asked again, as the tracker does.
  }
  book.write(`${page} ${batch} ${status} ${(performance.now() - started).toFixed(1)}\n`);
  return kept;
}

/** @param {number} sender */
async function visit(sender) {
  await pause((everyMs * sender) / senders);
  for (let number = 0; running; number++) {
    const due = performance.now() + everyMs;
    const page = `${name}-${sender}-${number}`;
    const body = bodyOf(page, number * senders + sender);
    while (running && !(await send(page, body))) await pause(50);
    await pause(due - performance.now());
  }
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

process.stdin.on('end', () => {
  running = false;
});
process.stdin.resume();
await Promise.all(Array.from({ length: senders }, (_, sender) => visit(sender)));
await new Promise((resolve) => book.end(resolve));
process.exit(0);
