import { safely } from '../safely.ts';
import { wrapMethod } from '../wrap-method.ts';

/**
 * Runs with every form that a script sends.
 *
 * TRICKY: `form.submit()` fires no `submit` event (https://developer.mozilla.org/docs/Web/API/HTMLFormElement/submit). Invisible
 * captchas end with it, and without this each of their forms would be sent and yet count as abandoned.
 */
export function onScriptedSubmit(run: (form: HTMLFormElement) => void): void {
  wrapMethod(HTMLFormElement.prototype, 'submit', safely(run));
}
