/** Whether the owner marked any element on the event's way with `data-tt-ignore`. */
export function isIgnored(path: EventTarget[]): boolean {
  return !!marked(path, 'data-tt-ignore');
}

/**
 * The innermost element on an event's way with this attribute.
 *
 * TRICKY: goes by the event's path, not by `closest`: the path leads out of shadow trees, and an event may start at a text, a
 * document or an object of a library that is no element.
 */
export function marked(path: EventTarget[], attribute: string): Element | undefined {
  return (path as Element[]).find((target) => target.hasAttribute?.(attribute));
}
