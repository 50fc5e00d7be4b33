import type { Tell } from '../tell.ts';

/**
 * Tells that there is no such page: the server said so, or the page carries `data-tt-not-found` on any element, which is the way for apps
 * and for browsers that do not tell (https://developer.mozilla.org/docs/Web/API/PerformanceResourceTiming/responseStatus). The function
 * it returns looks at the page that an app has gone on to.
 */
export function watchNotFound(tell: Tell): () => void {
  const [loaded] = performance.getEntriesByType('navigation') as { responseStatus?: number }[];
  let status = loaded?.responseStatus;
  const look = () => {
    if (status === 404 || document.querySelector('[data-tt-not-found]')) tell('notFound', 'not_found');
    status = 0;
  };
  look();
  return look;
}
