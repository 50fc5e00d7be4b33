import type { Tell } from '../tell.ts';
import { toLinkEvent } from './to-link-event.ts';

/** Tells of links that lead out of the site. The click itself is left alone: it may open a tab, or be held back by the page. */
export function onLinkClick(path: Element[], tell: Tell): void {
  const link = path.find((element) => element.matches?.('a[href],area[href]')) as HTMLAnchorElement | undefined;
  if (!link) return;
  // TRICKY: inside SVG `href` is an object (https://developer.mozilla.org/docs/Web/API/SVGAElement/href).
  const { baseVal } = link.href as unknown as { baseVal?: string };
  const address = new URL(baseVal ?? link.href, document.baseURI);
  const event = toLinkEvent({ address, ownHost: location.host, isDownload: link.hasAttribute('download') });
  if (event) tell(...event);
}
