import { listen } from './listen.ts';
import { safely } from './safely.ts';

/** The browser itself makes a click of Enter and Space on these; a label gives it to its control. */
const clickedByKeys = 'a,button,input,select,textarea,summary';

/**
 * Runs with the path of every activation: click, middle click, and Enter or Space on an element that only looks like a button.
 *
 * TRICKY: `<div role="button" tabindex="0">` gets no click from the keyboard (https://www.w3.org/WAI/ARIA/apg/patterns/button/), but
 * the page's own key handler often calls `click()`. So a key press counts only when no click follows at once.
 */
export function onActivation(run: (path: EventTarget[]) => void): void {
  let clicks = 0;
  listen<MouseEvent>('click auxclick', (event) => {
    // 2 is the right button.
    if (event.button > 1) return;
    clicks++;
    run(event.composedPath());
  });
  listen<KeyboardEvent>('keydown', (event) => {
    // The path is empty once the event is over.
    const path = event.composedPath();
    const before = clicks;
    if (event.repeat || !['Enter', ' '].includes(event.key) || (path[0] as Element).closest(clickedByKeys)) return;
    setTimeout(safely(() => before === clicks && run(path)));
  });
}
