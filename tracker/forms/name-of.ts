/**
 * What the page calls this form or field: the first of these attributes that says something, else ''. What a visitor typed is never
 * looked at, nor texts of the page, which may repeat it; and what follows `?` in an address may be a secret.
 *
 * TRICKY: `form.name` and `form.id` are the *field* called "name" or "id" where there is one
 * (https://html.spec.whatwg.org/multipage/forms.html#dom-form-nameditem), so only attributes are read.
 */
export function nameOf(element: Element, attributes: string): string {
  return (
    attributes
      .split(' ')
      .map((attribute) => element.getAttribute(attribute)?.split('?')[0])
      .find((text) => text) || ''
  );
}
