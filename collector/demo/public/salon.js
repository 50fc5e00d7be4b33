// @ts-check
// The salon's own script: it gives a booking its id and tells Telltale when one starts, goes on and is done.

/** @typedef {(...args: unknown[]) => void} Telltale */
const page = /** @type {{ telltale?: Telltale }} */ (/** @type {unknown} */ (window));
// The tag may still be loading: its calls wait in a queue until it is there.
if (!page.telltale) {
  /** @type {unknown[]} */
  const queue = [];
  page.telltale = Object.assign((/** @type {unknown[]} */ ...args) => void queue.push(args), { q: queue });
}

const choose = document.querySelector('#choose');
if (choose instanceof HTMLFormElement) {
  choose.addEventListener('submit', () => {
    const field = choose.elements.namedItem('booking');
    if (field instanceof HTMLInputElement) field.value = newBookingId();
  });
}

const step = document.querySelector('[data-step]');
if (step instanceof HTMLElement) {
  const { booking = '', treatment = '', value = '0' } = step.dataset;
  const names = { time: 'booking_start', details: 'booking_time', done: 'booking_done' };
  const name = names[/** @type {keyof typeof names} */ (step.dataset.step)];
  const key = `${name} ${booking}`;
  // Going back and forth, or loading again, is still the same booking.
  if (name && booking && !sessionStorage.getItem(key)) {
    sessionStorage.setItem(key, '1');
    page.telltale?.('track', name, {
      booking_id: booking,
      treatment,
      value: Number(value),
      currency: 'EUR',
      // Where a mail can take the person back to: the address holds the choice and nothing private.
      resume_url: location.href,
    });
  }
}

// Somebody who types an address and leaves can be written to. Once the visitor agreed to be recognised the tag does this by itself; the
// salon wants it before, and says so itself.
const form = document.querySelector('form[data-identify]');
if (form instanceof HTMLFormElement) {
  form.addEventListener('change', () => {
    const said = new FormData(form);
    const text = (/** @type {string} */ field) => String(said.get(field) ?? '').trim() || undefined;
    const email = text('email');
    if (email?.includes('@')) page.telltale?.('identify', { email, name: text('name'), phone: text('phone') });
  });
}

// Without this the visitor is known for a day and by nothing that is stored; with it, on the next visit too.
const remember = document.querySelector('#remember');
if (remember instanceof HTMLButtonElement) {
  remember.hidden = false;
  remember.addEventListener('click', () => {
    page.telltale?.('consent', true);
    remember.textContent = 'Thank you, we will';
    remember.disabled = true;
  });
}

function newBookingId() {
  // Plain random numbers: crypto.randomUUID is missing on http://192.168… where people try the salon on a phone.
  return `b${Math.random().toString(36).slice(2, 12)}`;
}
