import type { Props } from './calls.ts';
import { listen } from './listen.ts';
import { isIgnored } from './marked.ts';
import { nameOf } from './name-of.ts';
import { onSubmit } from './on-submit.ts';

/**
 * Watches all forms, those that come later too. Only names of forms and fields leave the page, never a value. The function it returns
 * reports every form that was begun, or gone on with, and not sent.
 */
export function watchForms(send: (name: string, props: Props) => void): () => void {
  /** Every form that was begun → the last field touched; empty: nothing is left to report. */
  const forms = new Map<Element, string>();

  listen('input', (event) => {
    const path = event.composedPath();
    const field = path[0] as HTMLInputElement;
    const { form } = field;
    if (!form || isIgnored(path)) return;
    const name = nameOf(field);
    if (!forms.has(form)) send('form_start', { form: nameOf(form), field: name });
    forms.set(form, name);
  });
  onSubmit((path) => {
    const form = path[0] as Element;
    forms.set(form, '');
    if (!isIgnored(path)) send('form_submit', { form: nameOf(form) });
  });

  return () => {
    forms.forEach((field, form) => {
      if (field) send('form_abandon', { form: nameOf(form), field });
      forms.set(form, '');
    });
  };
}
