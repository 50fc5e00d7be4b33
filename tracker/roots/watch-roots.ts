import type { Core } from '../core.ts';
import type { Part } from '../intents/part.ts';
import { listen } from '../listen.ts';
import { safely } from '../safely.ts';

/** What does not come out of a shadow tree by itself (https://dom.spec.whatwg.org/#dom-event-composed). */
const kept = 'submit invalid';
const all = `click auxclick keydown focusin focusout input ${kept}`;

/**
 * Hears the visitor in open shadow trees and in frames of the same origin, where the events of the page do not lead. A frame with a tag of
 * its own is left to that. Both are found when they are first touched or looked for.
 */
export default function watchRoots({ _onAct }: Core): Part {
  const known = new WeakSet<Node>();
  const run = safely((event: Event) => {
    const { defaultView } = event.currentTarget as Document;
    if (!(defaultView as { telltale?: unknown } | undefined)?.telltale) _onAct?.(event, event.composedPath());
  });
  const hear = (root: Node | null, names: string) => {
    if (!root || known.has(root)) return;
    known.add(root);
    for (const name of names.split(' ')) root.addEventListener(name, run, true);
  };
  const lookIntoFrames = () => {
    for (const frame of document.querySelectorAll('iframe'))
      if (!frame.closest('[data-tt-ignore]')) hear(frame.contentDocument, all);
  };
  lookIntoFrames();
  // The window loses the focus to a frame.
  listen('blur', lookIntoFrames);
  return {
    _onAct(_, path: Node[]) {
      for (const node of path) if (isShadow(node)) hear(node, kept);
    },
    _onClose() {},
    _forget() {},
  };
}

/** 11 is a tree of its own, without a document. */
const isShadow = (node: Node) => node.nodeType === 11;
