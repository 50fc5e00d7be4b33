import { listen } from './listen.ts';
import { safely } from './safely.ts';
import { wrapMethod } from './wrap-method.ts';

/**
 * Runs with every form that is sent, and the elements around it.
 *
 * TRICKY: `form.submit()` fires no `submit` event (https://developer.mozilla.org/docs/Web/API/HTMLFormElement/submit). Invisible
 * captchas end with it, and without the second step each of their forms would be sent and yet count as abandoned.
 */
export function onSubmit(run: (path: EventTarget[]) => void): void {
  listen('submit', (event) => run(event.composedPath()));
  wrapMethod(
    HTMLFormElement.prototype,
    'submit',
    safely((form) => run([form])),
  );
}
