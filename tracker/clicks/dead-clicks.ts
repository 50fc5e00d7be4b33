import type { Core } from '../core.ts';
import { buttons } from '../forms/which-form.ts';
import { listen } from '../listen.ts';
import { describe } from './describe.ts';

/** A button that shows nothing for so long is broken for whoever pressed it. */
const patienceMs = 1500;
const freshMs = 100;

/**
 * Tells of buttons that do nothing: no change in the page, no other address, no request, no dialog, file or program that opens. Changes
 * are watched only while a click waits for one. `ownHost`: our own requests are no answer to a click.
 */
export function watchDeadClicks(send: Core['_send'], ownHost: string): (click: MouseEvent, path: Element[]) => void {
  /** The click that waits for an answer. */
  let waiting: Element | undefined;
  const answer = () => {
    waiting = undefined;
  };
  // What a button may do without changing the page. A file dialog, another program or a new tab takes the focus.
  listen('scroll focusin blur submit invalid toggle copy play pause pagehide', answer);
  return ({ timeStamp }, path) => {
    const button = path.find((element) => element.matches?.(buttons));
    // Of a click that was kept until this part was loaded nobody saw what came of it.
    if (waiting || !button || performance.now() - timeStamp > freshMs) return;
    waiting = button;
    const address = location.href;
    const changes = new MutationObserver(answer);
    // Changes inside a shadow tree are seen only from its root.
    for (const node of path)
      if (node.nodeType > 8)
        changes.observe(node, { subtree: true, childList: true, attributes: true, characterData: true });
    const requests = new PerformanceObserver((list) => {
      if (list.getEntries().some(({ name }) => !name.startsWith(ownHost))) answer();
    });
    requests.observe({ type: 'resource' });
    setTimeout(() => {
      changes.disconnect();
      requests.disconnect();
      if (waiting === button && location.href === address) send('dead_click', { element: describe(path) });
      answer();
    }, patienceMs);
  };
}
