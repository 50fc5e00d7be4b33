import { html } from 'hono/html';
import { salonPaths } from './paths.ts';
import { type Treatment, treatments } from './treatments.ts';

type Html = ReturnType<typeof html>;
export interface SalonPage {
  title: string;
  body: Html;
}

export function homePage(): SalonPage {
  return {
    title: 'An hour that is yours',
    body: html`
      <section class="hero">
        <h1>An hour that is yours</h1>
        <p>Facials, massage, hands and lashes by four people who take their time. In the middle of Berlin, behind a quiet courtyard.</p>
        <p><a class="button" href="${salonPaths.book}">Book a treatment</a> <a class="quiet" href="${salonPaths.treatments}">See all treatments</a></p>
      </section>
      <h2>What people come for</h2>
      ${cards(treatments.slice(0, 3))}
      <section class="quote">
        <blockquote>“I came in with a headache and left with plans for the weekend.”</blockquote>
        <p>Leonie, a guest since 2021</p>
      </section>`,
  };
}

export function treatmentsPage(): SalonPage {
  return {
    title: 'Treatments',
    body: html`<h1>Treatments</h1>
      <p class="lead">Each one has its own room and its own hour. Nothing runs in parallel.</p>
      ${cards(treatments)}`,
  };
}

export function treatmentPage(treatment: Treatment, options: { springOffer: boolean }): SalonPage {
  return {
    title: treatment.title,
    body: html`<p class="crumbs"><a href="${salonPaths.treatments}">Treatments</a> / ${treatment.title}</p>
      <article class="treatment" data-treatment="${treatment.slug}">
        <h1>${treatment.title}</h1>
        <p class="lead">${treatment.summary}</p>
        <p class="facts"><span>${treatment.minutes} minutes</span> <span>${euros(treatment.price)}</span></p>
        <ol class="steps">${treatment.details.map((detail) => html`<li>${detail}</li>`)}</ol>
        ${
          options.springOffer
            ? html`<p class="offer"><b>Spring offer:</b> 15 % off this month. <a class="button" href="${salonPaths.springOffer}">Book the spring offer</a></p>`
            : html`<p><a class="button" href="${salonPaths.book}?treatment=${treatment.slug}">Book ${treatment.title}</a>
                <a class="quiet" href="${salonPaths.contact}">Ask a question first</a></p>`
        }
      </article>`,
  };
}

export function pricesPage(): SalonPage {
  return {
    title: 'Prices',
    body: html`<h1>Prices</h1>
      <p class="lead">All prices include tax and tea. Cancelling is free until the evening before.</p>
      <table>
        <thead><tr><th scope="col">Treatment</th><th scope="col" class="number">Minutes</th><th scope="col" class="number">Price</th></tr></thead>
        <tbody>${treatments.map(
          (treatment) => html`<tr>
            <th scope="row"><a href="${salonPaths.treatment(treatment.slug)}">${treatment.title}</a></th>
            <td class="number">${treatment.minutes}</td><td class="number">${euros(treatment.price)}</td></tr>`,
        )}</tbody>
      </table>
      <p><a class="button" href="${salonPaths.book}">Book a treatment</a> <a class="quiet" href="${salonPaths.contact}">Ask for a group price</a></p>`,
  };
}

export function aboutPage(): SalonPage {
  return {
    title: 'About us',
    body: html`<h1>About us</h1>
      <p class="lead">Amara opened the salon in 2016 with one chair and a kettle.</p>
      <p>Today four of us work here: Amara for faces, Noor for massage, Jule for lashes and brows, Tomasz for hands and feet.
        We use few products and can tell you where each of them comes from.</p>
      <p><a class="button" href="${salonPaths.treatments}">See what we do</a></p>`,
  };
}

export function contactPage(): SalonPage {
  return {
    title: 'Contact',
    body: html`<h1>Ask for a quote</h1>
      <p class="lead">For groups, brides and vouchers. We answer within a working day.</p>
      <form method="post" action="${salonPaths.sent}" data-tt-form="Quote" data-tt-lead>
        <label>What is it about?
          <select name="topic"><option>A group</option><option>A wedding</option><option>A voucher</option><option>Something else</option></select></label>
        <label>Your name <input name="name" autocomplete="name" required></label>
        <label>E-mail <input name="email" type="email" autocomplete="email" required></label>
        <label>Phone <input name="phone" type="tel" autocomplete="tel" required></label>
        <label>Your message <textarea name="message" rows="4"></textarea></label>
        <button class="button">Send</button>
      </form>
      <p>Or simply call: <a href="tel:+4930000000">030 000 000</a></p>`,
  };
}

export function sentPage(): SalonPage {
  return {
    title: 'Thank you',
    body: html`<h1>Thank you</h1>
      <p class="lead">In a real salon somebody would write back now. Here your words were thrown away.</p>
      <p><a class="quiet" href="${salonPaths.home}">Back to the start</a></p>`,
  };
}

/** Step 1 of 3: which treatment. `chosen` comes from the page the visitor looked at. */
export function bookPage(chosen: Treatment | undefined): SalonPage {
  return {
    title: 'Book: choose a treatment',
    body: html`${progress(1)}<h1>What may we do for you?</h1>
      <form class="choices" id="choose" method="get" action="${salonPaths.bookTime}" data-tt-ignore>
        <input type="hidden" name="booking">
        ${treatments.map(
          (
            treatment,
          ) => html`<label class="choice"><input type="radio" name="treatment" value="${treatment.slug}" required
            ${treatment.slug === chosen?.slug ? html`checked` : ''}>
            <span><b>${treatment.title}</b> <small>${treatment.minutes} min · ${euros(treatment.price)}</small></span></label>`,
        )}
        <button class="button">Choose a time</button>
      </form>`,
  };
}

/** Step 2 of 3: when. Loading it starts the booking (`booking_start`, sent by salon.js). */
export function bookTimePage(booking: { id: string; treatment: Treatment; days: readonly Date[] }): SalonPage {
  const times = ['09:30', '11:00', '14:00', '16:30'];
  return {
    title: 'Book: choose a time',
    body: html`${progress(2)}<h1>When suits you?</h1>
      <p class="lead">${booking.treatment.title}, ${booking.treatment.minutes} minutes, ${euros(booking.treatment.price)}</p>
      <form class="times" method="get" action="${salonPaths.bookDetails}" data-tt-ignore ${bookingData(booking)} data-step="time">
        <input type="hidden" name="booking" value="${booking.id}"><input type="hidden" name="treatment" value="${booking.treatment.slug}">
        ${booking.days.map(
          (day) =>
            html`<fieldset><legend>${weekday(day)}</legend>${times.map(
              (time) =>
                html`<button class="time" name="when" value="${day.toISOString().slice(0, 10)} ${time}">${time}</button>`,
            )}</fieldset>`,
        )}
      </form>`,
  };
}

/** Step 3 of 3: who. An address typed here and left is kept as an incomplete lead, which is what the follow-up mail needs. */
export function bookDetailsPage(booking: { id: string; treatment: Treatment; when: string }): SalonPage {
  const action = `${salonPaths.bookThanks}?booking=${encodeURIComponent(booking.id)}&treatment=${booking.treatment.slug}`;
  return {
    title: 'Book: your details',
    body: html`${progress(3)}<h1>Who is coming?</h1>
      <p class="lead">${booking.treatment.title}, ${booking.when}</p>
      <form method="post" action="${action}" data-tt-form="Booking" data-tt-lead="partial" data-identify ${bookingData(booking)} data-step="details">
        <label>Your name <input name="name" autocomplete="name" required></label>
        <label>E-mail <input name="email" type="email" autocomplete="email" required></label>
        <label>Phone <input name="phone" type="tel" autocomplete="tel"></label>
        <button class="button">Book for ${euros(booking.treatment.price)}</button>
      </form>`,
  };
}

/** The booking is done (`booking_done`, sent by salon.js). */
export function bookThanksPage(booking: { id: string; treatment: Treatment }): SalonPage {
  return {
    title: 'Booked',
    body: html`<section ${bookingData(booking)} data-step="done"><h1>See you soon</h1>
      <p class="lead">Your ${booking.treatment.title} is booked. Well, in a real salon it would be.</p>
      <p><a class="quiet" href="${salonPaths.home}">Back to the start</a></p></section>`,
  };
}

export function missingPage(): SalonPage {
  return {
    title: 'Page not found',
    body: html`<h1 data-tt-not-found>This page does not exist</h1>
      <p class="lead">Sorry. Perhaps you find it among our treatments.</p>
      <p><a class="button" href="${salonPaths.treatments}">All treatments</a></p>`,
  };
}

function cards(list: readonly Treatment[]): Html {
  return html`<div class="cards">${list.map(
    (treatment) => html`<a class="card" href="${salonPaths.treatment(treatment.slug)}">
      <h3>${treatment.title}</h3><p>${treatment.summary}</p>
      <p class="facts"><span>${treatment.minutes} minutes</span> <span>${euros(treatment.price)}</span></p></a>`,
  )}</div>`;
}

function progress(step: 1 | 2 | 3): Html {
  return html`<ol class="progress" aria-label="Booking, step ${step} of 3">${['Treatment', 'Time', 'Details'].map(
    (label, index) => html`<li ${index + 1 === step ? html`aria-current="step"` : ''}>${label}</li>`,
  )}</ol>`;
}

function bookingData(booking: { id: string; treatment: Treatment }): Html {
  return html`data-booking="${booking.id}" data-treatment="${booking.treatment.title}" data-value="${booking.treatment.price}"`;
}

function euros(amount: number): string {
  return `€${amount}`;
}

function weekday(day: Date): string {
  return new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' }).format(day);
}
