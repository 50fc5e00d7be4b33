import type { Props } from './calls.ts';
import { isIgnored, marked } from './marked.ts';
import { onActivation } from './on-activation.ts';
import { withoutEcho } from './without-echo.ts';

const attribute = 'data-tt-event';

/** Sends the event that the owner wrote into the markup: on activation, for a form when it is submitted. */
export function watchMarkedEvents(send: (name: string, props: Props) => void): void {
  const sendFor = withoutEcho((element) => send(element.getAttribute(attribute) as string, propsOf(element)));
  onActivation((path, submitted) => {
    const element = marked(path, attribute);
    if (element && !isIgnored(path) && (element.localName === 'form') === submitted) sendFor(element);
  });
}

/** `data-tt-prop-plan="pro"` is `{ plan: 'pro' }`. `value` is money, so a number where it can be one. */
function propsOf(element: Element): Props {
  const props: Props = {};
  for (const { name, value } of Array.from(element.attributes)) {
    const key = name.split('data-tt-prop-')[1];
    if (key) props[key] = key === 'value' ? +value || value : value;
  }
  return props;
}
