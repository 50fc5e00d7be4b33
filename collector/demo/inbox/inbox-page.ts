import { html } from 'hono/html';
import { salonPaths } from '../salon/paths.ts';

/** The inbox. Its script asks for new messages every two seconds and writes them as text, never as markup. */
export function inboxPage(): ReturnType<typeof html> {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Webhook inbox · Telltale demo</title>
    <link rel="stylesheet" href="/demo/inbox/inbox.css">
    <link rel="icon" href="/demo/salon/leaf.svg" type="image/svg+xml">
    <script type="module" src="/demo/inbox/inbox.js"></script>
  </head>
  <body>
    <header>
      <h1>Webhook inbox</h1>
      <p>
        Stands in for your mail tool, CRM or automation. Telltale sends a signed message here when somebody leaves the
        <a href="${salonPaths.home}">demo salon</a> without finishing, and the inbox shows the mail that could go out now.
        No mail is sent.
      </p>
      <p>Try it: <a href="${salonPaths.book}">start a booking</a>, type an e-mail address, leave, and wait about 20 seconds.</p>
      <p id="state" role="status">Waiting for the first message …</p>
    </header>
    <main><ol id="messages" aria-label="Messages, newest first"></ol></main>
    <noscript><p>This page needs JavaScript to show messages as they arrive.</p></noscript>
  </body>
</html>`;
}
