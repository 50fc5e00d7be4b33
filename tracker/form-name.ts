/**
 * The first of these attributes that says something, as the name of a form or field.
 *
 * TRICKY: `form.name` and `form.id` are the *field* called "name" or "id" where there is one
 * (https://html.spec.whatwg.org/multipage/forms.html#dom-form-nameditem), so only attributes are read. And only attributes that name:
 * what a visitor typed is never looked at.
 */
function firstAttribute(element: Element, attributes: string[]): string {
  return attributes.map((name) => element.getAttribute(name)).find((text) => text) || element.localName;
}

export function formName(form: Element): string {
  return firstAttribute(form, ['data-tt-form', 'name', 'id', 'action']);
}

export function fieldName(field: Element): string {
  return firstAttribute(field, ['name', 'id', 'type']);
}
