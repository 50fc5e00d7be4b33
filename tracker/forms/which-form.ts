import { nameOf } from './name-of.ts';

/** What can send the fields around it. */
export const buttons = 'button,[role=button],[type=submit],[type=button]';

/**
 * The form that a field belongs to: its own, also across the border of a shadow tree; else what the owner named with `data-tt-form`; else
 * what it shares with a button, where somebody can be written to. A search or a filter outside of a form is none.
 */
export function formOf(path: Element[]): Element | undefined {
  const group = path.find((element) => element.querySelector?.(buttons));
  return (
    (path[0] as HTMLInputElement).form ||
    path.find((element) => element.matches?.('form,[data-tt-form]')) ||
    (group?.querySelector('[type=email],[type=tel],textarea') ? group : undefined)
  );
}

export function formName(form: Element): string {
  return (
    nameOf(form.closest('[data-tt-form]') || form, 'data-tt-form name id action') ||
    (form.localName === 'form' ? 'form' : 'page')
  );
}

/** '' for what is no field. The name of a password is nobody's business either: it is called what it is. */
export function fieldName(field: Element): string {
  const { type } = field as HTMLInputElement;
  if (/hidden|submit|button|reset|image/.test(type)) return '';
  return type === 'password' ? type : nameOf(field, 'name id autocomplete type') || field.localName;
}
