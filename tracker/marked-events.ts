import type { Props } from './calls.ts';
import { isIgnored, marked } from './marked.ts';
import { send } from './view.ts';

const attribute = 'data-tt-event';

/** The browser itself makes a click of Enter and Space on these; a label gives it to its control. */
const clickedByKeys = 'a,button,input,select,textarea,summary';

/** The element of the last event, for a moment. */
let last: Element | undefined;

/**
 * Sends the event that the owner wrote into the markup: for a form when it is submitted, otherwise on click, middle click, and Enter or
 * Space on an element that only looks like a button: `<div role="button" tabindex="0">` gets no click from the keyboard
 * (https://www.w3.org/WAI/ARIA/apg/patterns/button/).
 *
 * TRICKY: a click on a label's text is followed at once by a second click, which the browser makes on the label's control
 * (https://html.spec.whatwg.org/multipage/forms.html#the-label-element), and the key handler of a home-made button often calls
 * `click()`. Both are one act of the visitor.
 */
export function sendMarkedEvent(event: MouseEvent & KeyboardEvent, path: Element[]): void {
  const { type } = event;
  const element = marked(path, attribute);
  const activates =
    type === 'keydown'
      ? /^(Enter| )$/.test(event.key) && !event.repeat && !path[0]?.closest(clickedByKeys)
      : // 2 is the right button.
        /click|submit/.test(type) && !(event.button > 1);
  if (!element || !activates || element === last || isIgnored(path)) return;
  if ((element.localName === 'form') !== (type === 'submit')) return;
  last = element;
  setTimeout(() => {
    last = undefined;
  });
  send(element.getAttribute(attribute) as string, propsOf(element));
}

/** `data-tt-prop-plan="pro"` is `{ plan: 'pro' }`. `value` is money, so a number where it can be one. */
function propsOf(element: Element): Props {
  const props: Props = {};
  for (const { name, value } of element.attributes) {
    const key = name.split('data-tt-prop-')[1];
    if (key) props[key] = key === 'value' ? +value || value : value;
  }
  return props;
}
