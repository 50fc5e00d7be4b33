import { describe, expect } from 'vitest';
import type { WireEvent } from '../../../collector/contract/wire.ts';
import { browserKinds } from '../../support/browser.ts';
import { stub, tag, type Visit, visitTest } from '../../support/visit.ts';

const stayHere = 'onsubmit="return false"';
const pages = {
  '/quote': {
    head: tag(),
    body: `<form data-tt-form="Quote" ${stayHere}><input name="company"><input name="email" type="email" required>
      <select name="size"><option>1<option>2</select><button>Send</button></form>`,
  },
  '/own-check': {
    head: tag(),
    body: `<form id="own" novalidate onsubmit="check(this); return false"><input name="email"><button>Send</button></form>
      <script>
        function check(form) {
          setTimeout(() => form.email.setAttribute('aria-invalid', !form.email.value.includes('@')));
        }
      </script>`,
  },
  '/no-form': {
    head: tag(),
    body: `<div><input id="search"><button id="find">Find</button></div>
      <div id="contact"><input id="mail" type="email"><button id="send">Send</button></div>
      <div data-tt-form="Callback"><input id="when"><span role="button" tabindex="0" id="call">Call me</span></div>`,
  },
  '/hidden-places': {
    head: tag(),
    body: `<contact-card></contact-card><iframe src="/frame"></iframe><iframe src="/frame-with-tag"></iframe>
      <script>
        customElements.define('contact-card', class extends HTMLElement {
          connectedCallback() {
            const inside = '<form name="Card" ${stayHere}><input name="email"><button>Send</button></form>';
            this.attachShadow({ mode: 'open' }).innerHTML = inside;
          }
        });
      </script>`,
  },
  '/frame': { head: '', body: `<form name="Framed" ${stayHere}><input name="phone"><button>Send</button></form>` },
  '/frame-with-tag': {
    head: tag(),
    body: `<form name="Own" ${stayHere}><input name="phone"><button>Send</button></form>`,
  },
  '/drawn-again': {
    head: tag(),
    body: `<main></main>
      <script>
        const draw = (field) => {
          document.querySelector('main').innerHTML =
            '<form name="Steps" ${stayHere}><input name="' + field + '"><button>Send</button></form>';
        };
        draw('first');
      </script>`,
  },
  '/filled-in': {
    head: tag(),
    body: `<form name="Known" ${stayHere}><input name="email"><button>Send</button></form><button id="other">Other</button>
      <script>
        const fill = (text) => {
          document.querySelector('input').value = text;
          document.querySelector('input').dispatchEvent(new Event('input', { bubbles: true, composed: true }));
        };
        fill('ana@example.com');
      </script>`,
  },
  '/captcha': {
    head: tag(),
    body: `<form name="Guarded" action="/thanks" onsubmit="setTimeout(() => this.submit(), 300); return false">
      <input name="email"><button>Send</button></form>`,
  },
  '/thanks': { head: stub + tag(), body: 'Thanks' },
};

/** What was told of forms, as `start Quote company`. */
const told = (visit: Visit) => visit.events().filter(isOfForm).map(inWords);
const isOfForm = ({ name }: WireEvent) => name.startsWith('form_');
function inWords({ name, props }: WireEvent): string {
  const { form, field, order, returns, error } = props ?? {};
  const stay = order === undefined ? [] : [`#${order}`, ...(returns === 0 ? [] : [`again ${returns}`])];
  return [name.slice(5), form, field, ...stay, error].filter((word) => word !== undefined).join(' ');
}

describe.each(browserKinds)('fields in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  test('each stay in a field is told: in which order, how long, how often again', async ({ visit }) => {
    await visit.goto('/quote');
    const { page } = visit;
    await page.locator('[name=company]').pressSequentially('ACME', { delay: 50 });
    await page.fill('[name=email]', 'ana@example.com');
    await page.fill('[name=company]', 'ACME Ltd');
    await page.selectOption('select', '2');
    await page.click('button');
    await visit.arrived('form_submit');
    expect(told(visit)).toEqual([
      'start Quote company',
      'field Quote company #1',
      'field Quote email #2',
      'field Quote company #1 again 1',
      'field Quote size #3',
      'submit Quote',
    ]);
    // Four letters with 50 ms between them.
    const [company] = visit.named('form_field');
    expect(company?.props?.ms).toBeGreaterThanOrEqual(150);
    expect(company?.props?.ms).toBeLessThan(20_000);
  });

  test('what the browser has against a field is told, and a form that it holds back is not sent', async ({ visit }) => {
    await visit.goto('/quote');
    await visit.page.click('button');
    await visit.arrived('form_field');
    await visit.page.fill('[name=email]', 'ana');
    await visit.page.press('[name=email]', 'Enter');
    await visit.arrived('form_field', 2);
    await visit.page.fill('[name=email]', 'ana@example.com');
    await visit.page.click('button');
    await visit.arrived('form_submit');
    expect(told(visit)).toEqual([
      'start Quote email',
      'field Quote email valueMissing',
      'field Quote email typeMismatch',
      'field Quote email #1',
      'submit Quote',
    ]);
  });

  test('what the page has against a field is told too', async ({ visit }) => {
    await visit.goto('/own-check');
    await visit.page.fill('[name=email]', 'ana');
    await visit.page.click('button');
    await visit.arrived('form_field', 2);
    await visit.page.fill('[name=email]', 'ana@example.com');
    await visit.page.click('button');
    await visit.arrived('form_submit');
    expect(told(visit)).toEqual([
      'start own email',
      'field own email #1',
      'field own email customError',
      'field own email #1 again 1',
      'submit own',
    ]);
  });

  test('a form that is left, come back to and sent is begun once, and its end is the last word', async ({ visit }) => {
    await visit.goto('/quote');
    await visit.page.fill('[name=email]', 'ana@example.com');
    const comeBack = await visit.lookElsewhere();
    await visit.arrived('form_abandon');
    await comeBack();
    await visit.page.click('button');
    await visit.arrived('form_submit');
    await visit.closeTab();
    await visit.fence();
    expect(told(visit)).toEqual(['start Quote email', 'field Quote email #1', 'abandon Quote email', 'submit Quote']);
  });

  test('fields without a form are one with their button; a search is none', async ({ visit }) => {
    await visit.goto('/no-form');
    const { page } = visit;
    await page.fill('#search', 'facial');
    await page.click('#find');
    await page.fill('#mail', 'ana@example.com');
    await page.click('#send');
    await visit.arrived('form_submit');
    await page.fill('#when', 'noon');
    await page.click('#call');
    await visit.arrived('form_submit', 2);
    expect(told(visit)).toEqual([
      'start contact mail',
      'field contact mail #1',
      'submit contact',
      'start Callback when',
      'field Callback when #1',
      'submit Callback',
    ]);
  });

  test('forms in shadow trees and in frames of the same origin are seen, in a frame with a tag of its own once', async ({
    visit,
  }) => {
    await visit.goto('/hidden-places');
    const { page } = visit;
    await page.fill('[name=email]', 'ana@example.com');
    // Nothing on this page asks for the module before it is touched.
    await visit.arrived('form_start');
    await page.locator('contact-card button').click();
    for (const src of ['/frame', '/frame-with-tag']) {
      const frame = page.frameLocator(`[src="${src}"]`);
      await frame.locator('input').fill('123456');
      await frame.locator('button').click();
    }
    await visit.arrived('form_submit', 3);
    await visit.fence();
    const of = (form: string) => told(visit).filter((words) => new RegExp(`^(start|submit) ${form}`).test(words));
    expect(of('')).toHaveLength(6);
    // Each in its order; a frame with a tag of its own has a tracker of its own, which sends when it will.
    expect(of('Card')).toEqual(['start Card email', 'submit Card']);
    expect(of('Framed')).toEqual(['start Framed phone', 'submit Framed']);
    expect(of('Own')).toEqual(['start Own phone', 'submit Own']);
  });

  test('a form that the app draws anew is still the same one', async ({ visit }) => {
    await visit.goto('/drawn-again');
    await visit.page.fill('[name=first]', 'Ana');
    await visit.arrived('form_start');
    await visit.page.evaluate("draw('second')");
    await visit.page.fill('[name=second]', 'Berger');
    await visit.page.evaluate("document.querySelector('main').innerHTML = ''");
    await visit.closeTab();
    await visit.arrived('form_abandon');
    expect(told(visit)).toEqual([
      'start Steps first',
      'field Steps first #1',
      'field Steps second #2',
      'abandon Steps second',
    ]);
  });

  test('a form that the page fills in is not begun, until the visitor sends it', async ({ visit }) => {
    await visit.goto('/filled-in');
    await visit.page.click('#other');
    await visit.page.evaluate("fill('ana@example.org')");
    await visit.arrived('pageview');
    await visit.fence();
    expect(told(visit)).toEqual([]);
    await visit.page.click('form button');
    await visit.arrived('form_submit');
    expect(told(visit)).toEqual(['start Known', 'submit Known']);
  });

  test('a form that waits for a captcha and is then sent by a script is sent once', async ({ visit }) => {
    await visit.goto('/captcha');
    await visit.page.fill('[name=email]', 'ana@example.com');
    await visit.page.click('button');
    await visit.page.waitForURL('**/thanks*');
    await visit.call('track', 'end');
    await visit.arrived('end');
    expect(told(visit)).toEqual(['start Guarded email', 'field Guarded email #1', 'submit Guarded']);
  });
});
