import { type Context, Hono } from 'hono';
import { salonPaths } from './paths.ts';
import { salonLayout, salonPolicy } from './salon-layout.ts';
import {
  aboutPage,
  bookDetailsPage,
  bookPage,
  bookThanksPage,
  bookTimePage,
  contactPage,
  homePage,
  missingPage,
  pricesPage,
  type SalonPage,
  sentPage,
  treatmentPage,
  treatmentsPage,
} from './salon-pages.ts';
import { findTreatment } from './treatments.ts';

const dayMs = 86_400_000;

/** The salon's pages. It keeps nothing: what a visitor types is read by the tag on the page, and thrown away here. */
export function salonRoutes({ siteId, now }: { siteId: string; now: () => number }): Hono {
  const app = new Hono();

  const answer = (c: Context, { title, body }: SalonPage, status: 200 | 404 = 200) => {
    c.header('content-security-policy', salonPolicy);
    c.header('cache-control', 'no-store');
    return c.html(salonLayout({ title, path: c.req.path, siteId, body }), status);
  };
  const booking = (c: Context) => {
    const treatment = findTreatment(c.req.query('treatment'));
    const id = c.req.query('booking')?.slice(0, 60);
    return treatment && id ? { treatment, id } : undefined;
  };

  app.get('/demo', (c) => c.redirect(salonPaths.home));
  app.get('/demo/salon/', (c) => c.redirect(salonPaths.home));
  app.get(salonPaths.home, (c) => answer(c, homePage()));
  app.get(salonPaths.treatments, (c) => answer(c, treatmentsPage()));
  app.get(salonPaths.treatment(':slug'), (c) => {
    const treatment = findTreatment(c.req.param('slug'));
    if (!treatment) return answer(c, missingPage(), 404);
    return answer(c, treatmentPage(treatment, { springOffer: c.req.query('utm_campaign') === 'spring' }));
  });
  app.get(salonPaths.prices, (c) => answer(c, pricesPage()));
  app.get(salonPaths.about, (c) => answer(c, aboutPage()));
  app.get(salonPaths.contact, (c) => answer(c, contactPage()));
  app.post(salonPaths.sent, (c) => c.redirect(salonPaths.sent, 303));
  app.get(salonPaths.sent, (c) => answer(c, sentPage()));

  app.get(salonPaths.book, (c) => answer(c, bookPage(findTreatment(c.req.query('treatment')))));
  app.get(salonPaths.bookTime, (c) => {
    const known = booking(c);
    if (!known) return c.redirect(salonPaths.book);
    const days = [1, 2, 3].map((days) => new Date(now() + days * dayMs));
    return answer(c, bookTimePage({ ...known, days }));
  });
  app.get(salonPaths.bookDetails, (c) => {
    const known = booking(c);
    if (!known) return c.redirect(salonPaths.book);
    return answer(c, bookDetailsPage({ ...known, when: c.req.query('when')?.slice(0, 40) ?? 'a time that suits you' }));
  });
  // Sent by POST and shown by GET, so that loading the page again does not book again.
  app.post(salonPaths.bookThanks, (c) => c.redirect(`${salonPaths.bookThanks}${new URL(c.req.url).search}`, 303));
  app.get(salonPaths.bookThanks, (c) => {
    const known = booking(c);
    return known ? answer(c, bookThanksPage(known)) : c.redirect(salonPaths.book);
  });

  app.get('/demo/salon/*', (c) => answer(c, missingPage(), 404));
  return app;
}
