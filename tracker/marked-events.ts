import type { Props } from './calls.ts';
import { isLabelEcho } from './label-click.ts';
import { listen } from './listen.ts';
import { isIgnored, marked } from './marked.ts';
import { onActivation } from './on-activation.ts';

const attribute = 'data-tt-event';
const propPrefix = 'data-tt-prop-';

/** Sends the event that the owner wrote into the markup: on activation, for a form when it is submitted. */
export function watchMarkedEvents(send: (name: string, props: Props) => void): void {
  const sendFor = (path: EventTarget[], submitted: boolean) => {
    const element = marked(path, attribute);
    if (!element || isIgnored(path) || (element.localName === 'form') !== submitted || isLabelEcho(path[0], element))
      return;
    send(element.getAttribute(attribute) as string, propsOf(element));
  };
  onActivation((path) => sendFor(path, false));
  listen('submit', (event) => sendFor(event.composedPath(), true));
}

/** `data-tt-prop-plan="pro"` is `{ plan: 'pro' }`. `value` is money, so a number where it can be one. */
function propsOf(element: Element): Props {
  const props: Props = {};
  for (const { name, value } of Array.from(element.attributes)) {
    const [before, key] = name.split(propPrefix);
    if (!before && key) props[key] = key === 'value' ? +value || value : value;
  }
  return props;
}
