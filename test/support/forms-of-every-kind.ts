/** Every kind of field that takes what is typed, by name; the marks stand for a name of its own, and what is typed into it. */
const fields: Record<string, { html: string; typed: (mark: string) => string }> = {
  text: { html: '<input class="type" name="NAME">', typed: (mark) => mark },
  search: { html: '<input class="type" type="search" name="NAME">', typed: (mark) => mark },
  email: { html: '<input class="type" type="email" name="NAME">', typed: (mark) => `${mark}@example.com` },
  tel: { html: '<input class="type" type="tel" name="NAME">', typed: (mark) => digits(mark) },
  url: { html: '<input class="type" type="url" name="NAME">', typed: (mark) => `https://${mark}.example/` },
  password: { html: '<input class="type" type="password" name="NAME">', typed: (mark) => mark },
  number: { html: '<input class="type" type="number" name="NAME">', typed: digits },
  textarea: { html: '<textarea class="type" name="NAME"></textarea>', typed: (mark) => `Dear\n${mark}` },
  editable: { html: '<p class="type" contenteditable id="NAME"></p>', typed: (mark) => mark },
  nameless: { html: '<input class="type">', typed: (mark) => mark },
  card: { html: '<input class="type" autocomplete="cc-number" id="NAME">', typed: digits },
  listed: {
    html: '<input class="type" list="days" name="NAME"><datalist id="days"><option>Mon</datalist>',
    typed: (mark) => mark,
  },
  ignored: {
    html: '<input class="type" type="email" data-tt-ignore name="NAME">',
    typed: (mark) => `${mark}@example.com`,
  },
};

/** Every way in which a page puts fields together; FIELDS stands for them. */
const containers = [
  '<form onsubmit="return false">FIELDS</form>',
  '<form data-tt-form="Quote INDEX" onsubmit="return false">FIELDS</form>',
  '<form name="form-INDEX" id="id-INDEX" novalidate onsubmit="refuse(this); return false">FIELDS</form>',
  '<form action="/nowhere?INDEX" method="post" onsubmit="return false">FIELDS</form>',
  '<form method="get" action="/thanks-INDEX" onsubmit="return false">FIELDS</form>',
  '<form data-tt-ignore onsubmit="return false">FIELDS</form>',
  '<div data-tt-form="Div INDEX">FIELDS</div>',
  '<section><input type="email">FIELDS</section>',
  '<div class="shadow">FIELDS</div>',
  '<div class="frame">FIELDS</div>',
];

/** What no file and no request has by chance. */
const marker = 'zqxw';
const digitMarker = '770177';
export const typedAnywhere = new RegExp(`${marker}\\d{4}|${digitMarker}\\d{4}`, 'g');

function digits(mark: string): string {
  return mark.replace(marker, digitMarker);
}

/** A name of its own for one field of one form, four digits long. */
export const markOf = (form: number, field: number): string => `${marker}${String(form * 10 + field).padStart(4, '0')}`;

/** One of thirty forms: its HTML, and what is typed into its fields in order. */
export function formOfEveryKind(index: number): { html: string; typed: string[] } {
  const kinds = Object.values(fields);
  const chosen = [0, 4, 9].map((step) => kinds[(index + step) % kinds.length]).filter((kind) => kind !== undefined);
  const inside = chosen.map(({ html }, field) => html.replaceAll('NAME', `field_${index}_${field}`)).join(' ');
  const html = (containers[index % containers.length] ?? '')
    .replace('FIELDS', `${inside}<input type="hidden" name="copy"><button>Send</button> <a href="#">Link</a>`)
    .replaceAll('INDEX', String(index));
  return { html, typed: chosen.map(({ typed }, field) => typed(markOf(index, field))) };
}

/** A page with all of them, whose script shows in other places what is typed, as pages do. */
export function pageOfForms(count: number): string {
  const forms = Array.from({ length: count }, (_, index) => `<article>${formOfEveryKind(index).html}</article>`);
  return `${forms.join('\n')}<script>
    const refuse = (form) => form.querySelector('.type').setAttribute('aria-invalid', 'true');
    const show = ({ target }) => {
      const text = target.value ?? target.textContent;
      const place = target.closest('article') ?? target.getRootNode();
      const button = place.querySelector('button');
      // What was typed in a shadow tree is shown there.
      if (!button) return;
      button.textContent = button.ariaLabel = button.title = text;
      place.querySelector('[name=copy]').value = text;
      place.querySelector('a').href = 'mailto:' + text + '?body=' + text;
    };
    addEventListener('input', show);
    for (const host of document.querySelectorAll('.shadow')) {
      const inside = host.innerHTML;
      host.replaceChildren();
      const root = host.attachShadow({ mode: 'open' });
      root.innerHTML = '<form onsubmit="return false">' + inside + '</form>';
      root.addEventListener('input', show);
    }
    for (const place of document.querySelectorAll('.frame')) {
      const frame = document.createElement('iframe');
      frame.srcdoc = '<form onsubmit="return false">' + place.innerHTML + '</form>';
      place.replaceChildren(frame);
    }
  </script>`;
}
