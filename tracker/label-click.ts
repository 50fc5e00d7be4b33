/**
 * A click on a label's text is followed by a second click, which the browser makes on the label's control
 * (https://html.spec.whatwg.org/multipage/forms.html#the-label-element). True for the first of such a pair when the second will
 * pass `element` too, so that the pair counts once.
 */
export function isLabelEcho(target: EventTarget | undefined, element: Element): boolean {
  const control = (target as Element).closest?.('label')?.control;
  return !!control && control !== target && element.contains(control);
}
