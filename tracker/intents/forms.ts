import type { Props } from '../calls.ts';
import { isIgnored } from '../marked.ts';
import { nameOf } from './name-of.ts';
import { onScriptedSubmit } from './on-scripted-submit.ts';

/**
 * Watches all forms, those that come later too. Only names of forms and fields leave the page, never a value. `_onClose` reports every
 * form that was begun, or gone on with, and not sent.
 */
export function watchForms(send: (name: string, props: Props) => void): {
  _onInput: (path: EventTarget[]) => void;
  _onSubmit: (path: EventTarget[]) => void;
  _onClose: () => void;
} {
  /** Every form that was begun → the last field touched; empty: nothing is left to report. */
  const forms = new Map<Element, string>();

  const _onSubmit = (path: EventTarget[]) => {
    const form = path[0] as Element;
    forms.set(form, '');
    if (!isIgnored(path)) send('form_submit', { form: nameOf(form) });
  };
  onScriptedSubmit((form) => _onSubmit([form]));

  return {
    _onInput(path) {
      const field = path[0] as HTMLInputElement;
      const { form } = field;
      if (!form || isIgnored(path)) return;
      const name = nameOf(field);
      if (!forms.has(form)) send('form_start', { form: nameOf(form), field: name });
      forms.set(form, name);
    },
    _onSubmit,
    _onClose() {
      forms.forEach((field, form) => {
        if (field) send('form_abandon', { form: nameOf(form), field });
        forms.set(form, '');
      });
    },
  };
}
