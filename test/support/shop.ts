import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small shop that carries the tag: a site as its owner has it, on an origin of its own. */
export interface Shop {
  url: string;
  close: () => Promise<void>;
}

/** Pages: `/` links to `/pricing`; there a button goes to `/book` without loading a page and starts or finishes a booking. */
export async function openShop(tag: string): Promise<Shop> {
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://shop').pathname;
    const page = pages[path];
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
    response.end(
      `<!doctype html><html lang="en"><head><title>${page?.title ?? 'Not here'}</title>${tag}</head><body>${page?.body ?? ''}</body></html>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const booking = `
  <a href="/pricing" onclick="this.search = location.search">Prices</a>
  <button id="start" data-tt-event="booking_start" data-tt-prop-booking_id="" data-tt-prop-treatment="Facial">Book</button>
  <button id="done" data-tt-event="booking_done" data-tt-prop-booking_id="">Finish</button>
  <script>
    const booking = new URLSearchParams(location.search).get('booking') || 'b1';
    for (const button of document.querySelectorAll('button')) button.setAttribute('data-tt-prop-booking_id', booking);
    function goTo(path) { history.pushState({}, '', path + location.search); document.title = 'Book'; }
  </script>`;

const pages: Record<string, { title: string; body: string }> = {
  '/': {
    title: 'Welcome',
    body: '<h1>Welcome</h1><a href="/pricing" onclick="this.search = location.search">Prices</a>',
  },
  '/pricing': {
    title: 'Prices',
    body: `<h1>Prices</h1><button id="spa" onclick="goTo('/book')">Choose a time</button>${booking}`,
  },
  '/book': { title: 'Book', body: `<h1>Book</h1>${booking}` },
};
