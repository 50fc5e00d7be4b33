// @ts-check
// Page views over HTTP as a process of its own: `node beacons.js '{"url","site","events","seconds","connections","rate","address","any"}'`. No
// page, and so no event, is ever sent twice. `address`: where all come from, through a proxy; `each`: each from another. `any`: being
// refused is no failure. Prints one line of JSON: requests a second, how long they took, ms, and how many were refused.
import autocannon from 'autocannon';

/** @type {{ url: string, site: string, events: number, seconds: number, connections: number, rate?: number, address?: string, any?: boolean }} */
const { url, site, events, seconds, connections, rate, address, any = false } = JSON.parse(process.argv[2] ?? '{}');
const userAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const headers = {
  'content-type': 'text/plain',
  'user-agent': userAgent,
  origin: 'https://shop.example',
  ...(address ? { 'x-forwarded-for': address } : {}),
};
const run = Date.now().toString(36);
let pages = 0;

/** A page view as the tracker sends it, or with `events` above 1 what follows on the page too. */
function beacon() {
  pages += 1;
  return JSON.stringify({
    v: 1,
    site,
    sent: Date.now(),
    visitor: `018f3c7a-${(pages % 20_000).toString(16).padStart(8, '0')}`,
    page: `${run}-${pages.toString(36)}`,
    events: Array.from({ length: events }, (_, seq) =>
      seq === 0
        ? {
            seq,
            age: 120,
            name: 'pageview',
            url: `https://shop.example/articles/article-${pages % 500}?utm_source=letter&utm_medium=email&utm_campaign=autumn`,
            ref: 'https://www.google.com/',
            title: `Article ${pages % 500} – Example`,
          }
        : { seq, age: 100 - seq, name: 'form_field', props: { form: 'booking', field: `field-${seq}` } },
    ),
  });
}

const result = await autocannon({
  url: `${url}/e`,
  method: 'POST',
  connections,
  duration: seconds,
  headers,
  ...(rate ? { overallRate: rate } : {}),
  setupClient: (client) => {
    const next = () => {
      if (address === 'each')
        client.setHeaders({ ...headers, 'x-forwarded-for': `198.51.${(pages >> 8) & 255}.${pages & 255}` });
      client.setBody(beacon());
    };
    next();
    client.on('response', next);
  },
});
const refused = result.non2xx + result.errors;
if (refused > 0 && !any) throw new Error(`${result.non2xx} refused, ${result.errors} errors`);
const { p50, p99 } = result.latency;
console.log(JSON.stringify({ requests: result.requests.total / result.duration, p50, p99, refused }));
