import type { Core } from '../core.ts';
import type { Part } from '../intents/part.ts';
import { safely } from '../safely.ts';
import { watchLeads } from './leads.ts';
import { buttons, fieldName, formName, formOf } from './which-form.ts';

/** What is known of a form on the page. */
interface Form {
  _element: Element;
  _name: string;
  /** Fields that were changed since it was begun, in that order, with the number of stays in each. Undefined: it is not begun. */
  _stays?: Map<string, number> | undefined;
  /** The field the visitor was in last, as long as nobody was told that the form is left there. */
  _last?: string | undefined;
}

/** What a page says against a form it shows sooner than an eye would see it. */
const refusalMs = 100;
/** The browser checks a form as soon as somebody tries to send it; scripts do so at any time. */
const attemptMs = 200;

/**
 * Watches all forms, those that come later too, and fields that stand together without one. Names of forms and fields leave the page, and
 * the kind of an error; a value only where the owner asked for it with `data-tt-lead`.
 *
 * TRICKY: goes by the name of a form, not by its element: frameworks draw the same form anew.
 */
export default function watchForms(core: Core): Part {
  const { _send } = core;
  const readLead = watchLeads(core);
  const forms = new Map<string, Form>();
  /** Where the visitor is. */
  let form: Form | undefined;
  let field: Element | undefined;
  let since = 0;
  let isChanged = false;
  /** When somebody last tried to send something. */
  let attempt = -attemptMs;
  /** Tells of the form that is on its way, as soon as it shows whether the page takes it. */
  let settle = () => {};

  const formNamed = (element: Element): Form => {
    const _name = formName(element);
    const known = forms.get(_name) || { _element: element, _name };
    forms.set(_name, known);
    return known;
  };
  const tell = (name: string, { _name }: Form, more?: object) => _send(name, { form: _name, ...more });
  const begin = (begun: Form, name?: string) => {
    if (!begun._stays) tell('form_start', begun, name ? { field: name } : {});
    begun._stays ||= new Map();
    return begun._stays;
  };
  const tellError = (at: Form, name: string, error: string) => {
    begin(at, name);
    tell('form_field', at, { field: name, error });
  };
  const tellStay = () => {
    const now = performance.now();
    if (isChanged && form && field) {
      const name = fieldName(field);
      const stays = begin(form, name);
      const returns = stays.get(name) || 0;
      stays.set(name, returns + 1);
      const order = [...stays.keys()].indexOf(name) + 1;
      tell('form_field', form, { field: name, order, ms: Math.round(now - since), returns });
      readLead(field, true)();
    }
    since = now;
    isChanged = false;
  };
  const submit = (left: Form, isScripted?: boolean) => {
    tellStay();
    settle();
    const tellLead = readLead(left._element, false);
    settle = () => {
      settle = () => {};
      const refused = left._element.querySelectorAll('[aria-invalid=true]');
      for (const one of refused) tellError(left, fieldName(one), 'customError');
      // A captcha ends with `form.submit()`, after the form was sent for the eyes of its visitor.
      if (refused[0] || (isScripted && !left._stays)) return;
      tellLead();
      begin(left);
      left._stays = left._last = undefined;
      tell('form_submit', left);
    };
    setTimeout(
      safely(() => settle()),
      refusalMs,
    );
  };

  const onField = (type: string, at: Form, name: string, target: Element) => {
    if (target !== field) {
      tellStay();
      field = target;
    }
    form = at;
    if (type === 'input') {
      begin(at, name);
      isChanged = true;
    } else if (!isChanged) since = performance.now();
    if (isChanged || at._last) at._last = name;
  };

  return {
    _onAct({ type, timeStamp = 0, isTrusted, key }, path) {
      const target = path[0] as HTMLInputElement;
      if (/^s/.test(type)) submit(formNamed(target), type !== 'submit');
      const isIn = (target.getRootNode() as Document).activeElement === target;
      // The window may lose the focus while the field has it.
      if (type === 'focusout' && !isIn) {
        tellStay();
        field = undefined;
      }
      if (type === 'click' || key === 'Enter') attempt = timeStamp;
      if (type === 'click' && path.some((element) => element.matches?.(buttons)))
        // Any button sends fields that have no form.
        for (const one of forms.values())
          if (one._stays && path.includes(one._element) && !one._element.matches('form,:has(:invalid)')) submit(one);

      const name = /^(i|focusin)/.test(type) && fieldName(target);
      const element = name && formOf(path);
      if (!element) return;
      const at = formNamed(element);
      if (type !== 'invalid') {
        // A page that fills in what it knows does not begin a form, unless the visitor is in that field.
        if (isTrusted || at._stays || isIn) onField(type, at, name, target);
      } else if (timeStamp - attempt < attemptMs)
        for (const kind in target.validity) if (target.validity[kind as keyof ValidityState]) tellError(at, name, kind);
    },
    _onClose() {
      settle();
      tellStay();
      for (const one of forms.values()) {
        if (one._last) tell('form_abandon', one, { field: one._last });
        one._last = '';
      }
    },
    _forget: () => forms.clear(),
  };
}
