// A Cloudflare Worker that serves Telltale's script and takes its events under a path of your own website.
// Route: shop.example/assets/tt/*   Variable: TELLTALE = https://stats.example.com

const prefix = '/assets/tt';
/** What pages need, and nothing else of the server: neither dashboard nor API. */
const ours = /^\/(t\/[\w/.-]+\.js|e)$/;

export default {
  /**
   * @param {Request} request
   * @param {{ TELLTALE: string }} env
   * @returns {Promise<Response>}
   */
  async fetch(request, env) {
    const path = new URL(request.url).pathname.slice(prefix.length);
    if (!ours.test(path)) return new Response('Not found', { status: 404 });
    const headers = new Headers(request.headers);
    // Cookies of the shop are none of Telltale's business.
    headers.delete('cookie');
    headers.delete('host');
    // For country and cookieless counting; start Telltale with TELLTALE_TRUST_PROXY=1.
    headers.set('x-forwarded-for', request.headers.get('cf-connecting-ip') ?? '');
    const body = request.method === 'POST' ? await request.arrayBuffer() : null;
    return fetch(env.TELLTALE + path, { method: request.method, headers, body, redirect: 'manual' });
  },
};
