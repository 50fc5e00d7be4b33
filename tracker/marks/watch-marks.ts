import type { Props } from '../calls.ts';
import { drawMs, type StartPart } from '../intents/part.ts';
import { marked } from '../marked.ts';
import { tellFor } from '../tell.ts';
import { watchNotFound } from './not-found.ts';

const attribute = 'data-tt-event';

/** The browser itself makes a click of Enter and Space on these; a label gives it to its control. */
const clickedByKeys = 'a,button,input,select,textarea,summary';

/**
 * Sends the event that the owner wrote into the markup: for a form when it is submitted, otherwise on click, middle click, and Enter or
 * Space on an element that only looks like a button: `<div role="button" tabindex="0">` gets no click from the keyboard
 * (https://www.w3.org/WAI/ARIA/apg/patterns/button/).
 *
 * TRICKY: a click on a label's text is followed at once by a second click, which the browser makes on the label's control
 * (https://html.spec.whatwg.org/multipage/forms.html#the-label-element), and the key handler of a home-made button often calls
 * `click()`. Both are one act of the visitor, of one moment: their times are less than this apart, and the second is of another kind or begins at
 * another element. Two clicks at once in one place are two.
 */
const echoMs = 50;

const startMarks: StartPart = (core) => {
  const lookForLost = watchNotFound(tellFor(core));
  let last: { element?: Element; at: number; type?: string; target?: Element | undefined } = { at: 0 };
  return {
    _onAct(act, path) {
      const { type, key = '', timeStamp = 0 } = act;
      const { button, repeat } = act as Partial<MouseEvent & KeyboardEvent>;
      const element = marked(path, attribute);
      const isActivation =
        type === 'keydown'
          ? /^(Enter| )$/.test(key) && !repeat && !path[0]?.closest(clickedByKeys)
          : // 2 is the right button.
            /click|submit/.test(type) && !(button && button > 1);
      if (!element || !isActivation || (element.localName === 'form') !== (type === 'submit')) return;
      const target = path[0];
      const isEcho =
        element === last.element && timeStamp - last.at < echoMs && (type !== last.type || target !== last.target);
      last = { element, at: timeStamp, type, target };
      if (!isEcho) core._send(element.getAttribute(attribute) as string, propsOf(element));
    },
    _onClose() {},
    _forget: () => setTimeout(lookForLost, drawMs),
  };
};
export default startMarks;

/** `data-tt-prop-plan="pro"` is `{ plan: 'pro' }`. `value` is money, so a number where it can be one. */
function propsOf(element: Element): Props {
  const props: Props = {};
  for (const { name, value } of element.attributes) {
    const key = name.split('data-tt-prop-')[1];
    if (key) props[key] = key === 'value' ? +value || value : value;
  }
  return props;
}
