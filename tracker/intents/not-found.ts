import type { Tell } from './tell.ts';

/** An app has drawn its page within this time after the address changed. */
const drawMs = 300;

/**
 * Tells that there is no such page: the server said so, or the page carries `data-tt-not-found` on any element, which is the way for apps
 * and for browsers that do not tell (https://developer.mozilla.org/docs/Web/API/PerformanceResourceTiming/responseStatus). The function
 * it returns is called when the app has gone on to another page.
 */
export function watchNotFound(tell: Tell): () => void {
  const [loaded] = performance.getEntriesByType('navigation') as { responseStatus?: number }[];
  const look = (status?: number) => {
    if (status === 404 || document.querySelector('[data-tt-not-found]')) tell('notFound', 'not_found');
  };
  look(loaded?.responseStatus);
  return () => setTimeout(look, drawMs);
}
