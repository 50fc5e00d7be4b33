/**
 * Drops a repeat for the same element at the same moment.
 *
 * TRICKY: a click on a label's text is followed at once by a second click, which the browser makes on the label's control
 * (https://html.spec.whatwg.org/multipage/forms.html#the-label-element), and the key handler of a home-made button often calls
 * `click()`. Both are one act of the visitor.
 */
export function withoutEcho(run: (element: Element) => void): (element: Element) => void {
  let last: Element | undefined;
  return (element) => {
    if (element === last) return;
    last = element;
    setTimeout(() => {
      last = undefined;
    });
    run(element);
  };
}
