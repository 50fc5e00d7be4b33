/**
 * What the page calls this form or field: the first of these attributes that says something. What a visitor typed is never looked at.
 *
 * TRICKY: `form.name` and `form.id` are the *field* called "name" or "id" where there is one
 * (https://html.spec.whatwg.org/multipage/forms.html#dom-form-nameditem), so only attributes are read.
 */
export function nameOf(element: Element): string {
  return (
    ['data-tt-form', 'name', 'id', 'action', 'type'].map((name) => element.getAttribute(name)).find((text) => text) ||
    element.localName
  );
}
