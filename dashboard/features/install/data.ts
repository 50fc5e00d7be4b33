import type { DropReason } from '../../../collector/contract/names.ts';

/** The script tag of a site, with the address the dashboard itself was opened at. */
export function scriptTag(origin: string, site: string): string {
  return `<script defer src="${origin}/t/${site}.js"></script>`;
}

/** Why a hit was not kept, and what to do about it. */
export const dropSentences: Record<DropReason, { what: string; todo: string }> = {
  bot: {
    what: 'A hit arrived, but it came from a bot or an automated browser.',
    todo: 'Open your page in an ordinary browser. Headless browsers and crawlers are never counted.',
  },
  origin: {
    what: 'A hit arrived from a domain that is not on the list of this site.',
    todo: 'Add the domain under Settings → Site. Sub-domains of a listed domain are allowed already.',
  },
  'unknown-site': {
    what: 'A hit arrived with a site id that does not exist.',
    todo: 'Copy the tag above again: the id in it must be exactly this one.',
  },
  consent: {
    what: 'A hit arrived without consent, or from a browser that asks not to be tracked.',
    todo: 'Give consent on your page, or try a browser without Do Not Track. Both can be changed under Settings → Privacy.',
  },
  rate: {
    what: 'Too many hits arrived from one address in a short time.',
    todo: 'Wait a minute and open the page once more.',
  },
  invalid: {
    what: 'A hit arrived that could not be read.',
    todo: 'If you send events yourself, compare them with the documentation. If only the tag is in use, clear the browser cache and reload.',
  },
  duplicate: {
    what: 'The same event arrived twice and was counted once.',
    todo: 'Nothing to do. If it happens on every page, the tag may be in the page twice.',
  },
};

/** The sentence for a reason; a reason this version does not know is shown as it is. */
export function dropSentence(reason: string): { what: string; todo: string } {
  return Object.hasOwn(dropSentences, reason)
    ? dropSentences[reason as DropReason]
    : { what: `A hit arrived and was not kept (${reason}).`, todo: 'Look at the server log for the details.' };
}
