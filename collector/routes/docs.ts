import { Hono } from 'hono';
import { html } from 'hono/html';

interface Spec {
  paths?: Record<string, Record<string, { tags?: string[]; summary?: string; description?: string }>>;
}

/** `/docs`: the routes of `/openapi.json` as a page that needs no script. Load the JSON into any client for the shapes. */
export function docsRoutes({ spec }: { spec: () => Promise<unknown> }): Hono {
  const app = new Hono();
  app.get('/docs', async (c) => {
    const groups = groupByTag((await spec()) as Spec);
    c.header(
      'content-security-policy',
      "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    return c.html(html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Telltale API</title><link rel="stylesheet" href="/docs/style.css"></head>
<body>
<h1>Telltale API</h1>
<p>Everything the dashboard does, for programs. Create a key under Settings and send it as <code>Authorization: Bearer KEY</code>.
Shapes of requests are in <a href="/openapi.json">/openapi.json</a>.</p>
${groups.map(
  ([tag, routes]) =>
    html`<h2>${tag}</h2><dl>${routes.map(
      (route) =>
        html`<dt><code>${route.method} ${route.path}</code></dt><dd>${route.summary} ${route.description}</dd>`,
    )}</dl>`,
)}
</body></html>`);
  });
  app.get('/docs/style.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }));
  return app;
}

function groupByTag(spec: Spec) {
  const groups = new Map<string, { method: string; path: string; summary: string; description: string }[]>();
  for (const [path, methods] of Object.entries(spec.paths ?? {})) {
    for (const [method, { tags, summary = '', description = '' }] of Object.entries(methods)) {
      const tag = tags?.[0];
      if (tag === undefined) continue;
      groups.set(tag, [...(groups.get(tag) ?? []), { method: method.toUpperCase(), path, summary, description }]);
    }
  }
  return [...groups];
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}
h2{margin:2.5rem 0 .5rem;text-transform:capitalize;border-top:1px solid color-mix(in srgb,currentColor 20%,transparent);padding-top:1rem}
dt{margin-top:.75rem}dd{margin:0;opacity:.8}code{font-size:.9em;overflow-wrap:anywhere}`;
