import { expect, test } from 'vitest';
import { demoRoutes } from '../../collector/demo/demo-routes.ts';
import { createInbox } from '../../collector/demo/inbox/inbox.ts';
import { treatments } from '../../collector/demo/salon/treatments.ts';

const now = () => Date.parse('2026-09-01T10:00:00Z');
const app = demoRoutes({
  siteId: 'salon1',
  inbox: createInbox({ secret: () => undefined, now }),
  enter: async () => false,
  now,
});

const pages = [
  '/demo/salon',
  '/demo/salon/treatments',
  ...treatments.map(({ slug }) => `/demo/salon/treatments/${slug}`),
  '/demo/salon/prices',
  '/demo/salon/about',
  '/demo/salon/contact',
  '/demo/salon/contact/sent',
  '/demo/salon/book',
  '/demo/salon/book/time?booking=b1&treatment=lash-lift',
  '/demo/salon/book/details?booking=b1&treatment=lash-lift&when=2026-09-02%2009%3A30',
  '/demo/salon/book/thanks?booking=b1&treatment=lash-lift',
];

test.each(pages)(
  '%s carries the tag, the note that it is a demo, and a policy without inline scripts',
  async (path) => {
    const response = await app.request(path);
    const page = await response.text();
    expect(response.status).toBe(200);
    expect(page).toContain('<script defer src="/t/salon1.js"></script>');
    expect(page).toContain('nothing you type is sent anywhere but this computer');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page).not.toMatch(/<script(?![^>]*src=)|\son[a-z]+=|\sstyle=/);
  },
);

test('every link and file of the salon leads to a page, but for the spring offer', async () => {
  const seen = new Set<string>();
  for (const path of [...pages, '/demo/salon/treatments/glow-facial?utm_campaign=spring']) {
    const page = await (await app.request(path)).text();
    for (const [, target = ''] of page.matchAll(/(?:href|src|action)="(\/demo[^"]*)"/g))
      seen.add(target.replaceAll('&amp;', '&'));
  }
  const missing = [];
  for (const target of seen) if ((await app.request(target)).status >= 400) missing.push(target);
  expect(missing).toEqual(['/demo/salon/spring-offer']);
});

test('a booking without a treatment starts again at step 1, and an unknown treatment is a missing page', async () => {
  expect((await app.request('/demo/salon/book/time?booking=b1')).headers.get('location')).toBe('/demo/salon/book');
  expect((await app.request('/demo/salon/treatments/none')).status).toBe(404);
});

test('a sent form is answered with a redirect, so that loading again sends nothing', async () => {
  const sent = await app.request('/demo/salon/contact/sent', {
    method: 'POST',
    body: new URLSearchParams({ name: 'Ana' }),
  });
  expect([sent.status, sent.headers.get('location')]).toEqual([303, '/demo/salon/contact/sent']);
  const booked = await app.request('/demo/salon/book/thanks?booking=b1&treatment=lash-lift', { method: 'POST' });
  expect(booked.headers.get('location')).toBe('/demo/salon/book/thanks?booking=b1&treatment=lash-lift');
});

test('what stands in the address is text on the page, not markup', async () => {
  const page = await (
    await app.request('/demo/salon/book/details?booking=%22%3E%3Cscript%3E&treatment=lash-lift&when=%3Cb%3E')
  ).text();
  expect(page).not.toContain('<script>');
  expect(page).not.toContain('<b>,');
  expect(page).toContain('&lt;b&gt;');
});

test('an unsigned webhook is refused and listed', async () => {
  const answer = await app.request('/demo/inbox/hook', { method: 'POST', body: '{"type":"webhook.test","data":{}}' });
  expect(answer.status).toBe(401);
  const { items } = (await (await app.request('/demo/inbox/messages')).json()) as { items: { verified: boolean }[] };
  expect(items.map((item) => item.verified)).toEqual([false]);
});
