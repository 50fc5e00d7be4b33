import { listen } from './listen.ts';

/** The browser itself makes a click of Enter and Space on these; a label gives it to its control. */
const clickedByKeys = 'a,button,input,select,textarea,summary';

/**
 * Runs with the path of every activation: click, middle click, submit, and Enter or Space on an element that only looks like a button:
 * `<div role="button" tabindex="0">` gets no click from the keyboard (https://www.w3.org/WAI/ARIA/apg/patterns/button/).
 */
export function onActivation(run: (path: Element[], submitted: boolean) => void): void {
  listen<MouseEvent>('click auxclick submit', (event) => {
    // 2 is the right button.
    if (!(event.button > 1)) run(event.composedPath() as Element[], event.type === 'submit');
  });
  listen<KeyboardEvent>('keydown', (event) => {
    const path = event.composedPath() as Element[];
    if (!event.repeat && /^(Enter| )$/.test(event.key) && !path[0]?.closest(clickedByKeys)) run(path, false);
  });
}
