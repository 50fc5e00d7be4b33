import type { Core } from '../core.ts';
import { describe } from './describe.ts';

const burst = 3;
const burstMs = 1000;
/** As wide as a fingertip, CSS pixels. */
const placePx = 30;

/**
 * Tells once of every burst of clicks in one place. Not of clicks that mark words, nor of those in fields: there a third click marks all.
 */
export function watchRageClicks(send: Core['_send']): (click: MouseEvent, path: Element[]) => void {
  let clicks: MouseEvent[] = [];
  return (click, path) => {
    const [target] = path;
    const marked = getSelection();
    if (!target || target.matches('input,textarea,select') || (`${marked}` && marked?.containsNode(target, true)))
      return;
    clicks = clicks.filter(
      ({ timeStamp, clientX, clientY }) =>
        click.timeStamp - timeStamp < burstMs && Math.hypot(click.clientX - clientX, click.clientY - clientY) < placePx,
    );
    if (clicks.push(click) === burst) send('rage_click', { element: describe(path) });
  };
}
