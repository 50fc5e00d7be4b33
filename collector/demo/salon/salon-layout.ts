import { html } from 'hono/html';
import { salonPaths } from './paths.ts';

type Html = ReturnType<typeof html>;

/**
 * Everything of the salon comes from this server and nothing is inline, so that the demo also shows that the tag
 * works under a strict policy.
 */
export const salonPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const navigation = [
  ['Treatments', salonPaths.treatments],
  ['Prices', salonPaths.prices],
  ['About', salonPaths.about],
  ['Contact', salonPaths.contact],
] as const;

/** A whole page of the salon, with the tag of the demo site. `path` marks the current entry of the menu. */
export function salonLayout(page: { title: string; path: string; siteId: string; body: Html }): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${page.title} · Salon Amara</title>
    <link rel="stylesheet" href="/demo/salon/salon.css">
    <link rel="icon" href="/demo/salon/leaf.svg" type="image/svg+xml">
    <script type="module" src="/demo/salon/salon.js"></script>
    <script defer src="/t/${page.siteId}.js"></script>
  </head>
  <body>
    <a class="skip" href="#content">Skip to the content</a>
    <header class="top">
      <a class="brand" href="${salonPaths.home}">Salon <b>Amara</b></a>
      <nav aria-label="Main">
        ${navigation.map(
          ([label, href]) =>
            html`<a href="${href}" ${page.path.startsWith(href) ? html`aria-current="page"` : ''}>${label}</a>`,
        )}
        <a class="button small" href="${salonPaths.book}">Book</a>
      </nav>
    </header>
    <main id="content">${page.body}</main>
    <footer class="foot">
      <p>Salon Amara, Lindenstraße 12, Berlin. Tuesday to Saturday, 9 to 19 h.</p>
      <p class="note">This is a demo salon: nothing you type is sent anywhere but this computer.
        <button type="button" class="plain" id="remember" hidden>Recognise this browser on my next visit</button></p>
    </footer>
  </body>
</html>`;
}
