import type { InstallFinding, InstallStep, InstallStepState } from '../../../collector/contract/install.ts';
import { dropSentence } from './data.ts';

export const stepNames: Record<InstallStep, string> = {
  page: 'The tag is in the page',
  policy: 'The page lets it work',
  script: 'Your browser asks for the script',
  event: 'The page view arrives',
  query: 'A question finds it',
};

export const stateWords: Record<InstallStepState['state'], string> = {
  waiting: 'Waiting',
  ok: 'Done',
  problem: 'Problem',
  unknown: 'Not known',
};

interface Words {
  what: string;
  /** Only where there is something to do. */
  todo?: string;
}

const blocked =
  'Try a private window without extensions. If it works there, a content blocker is in the way: serve the script from your own domain (docs/proxy.md). If your page has a cookie banner, agree to it and reload.';

const findings: Record<InstallFinding, (step: InstallStepState) => Words> = {
  'page-waiting': () => ({ what: 'The server is reading your page.' }),
  'page-found': () => ({ what: 'It is in the HTML of the page.' }),
  'page-found-twice': ({ about }) => ({
    what: `It is in the page ${about} times.`,
    todo: 'Nothing is counted twice, but one of them is enough: remove the others.',
  }),
  'page-late': () => ({
    what: 'It is not in the HTML that the server was given, but it came all the same: a tag manager or a plugin adds it.',
    todo: 'If your site has a page cache, empty it: other visitors may still get the page without the tag.',
  }),
  'page-manager': () => ({
    what: 'It is not in the HTML, but a tag manager is, and may bring it.',
    todo: 'If nothing follows below: is the container published, and does its trigger fire on all pages?',
  }),
  'page-missing': () => ({
    what: 'It is not in the page.',
    todo: 'Paste the tag into the head of the page, save, and empty the page cache if there is one. Then test again.',
  }),
  'page-other-site': ({ about }) => ({
    what: `The page has the tag of another site (${about}).`,
    todo: 'Replace it with the tag above: the id in it must be exactly this one.',
  }),
  'page-private': () => ({
    what: 'The server may not look at this page: its address is private. What your browser does is followed all the same.',
  }),
  'page-unreadable': ({ about }) => ({
    what: `The server could not read the page. ${about ?? ''}`.trim(),
    todo: 'Some websites turn programs away. What your browser does is followed all the same.',
  }),
  'policy-waiting': () => ({ what: 'Looked at as soon as the page is read.' }),
  'policy-none': () => ({ what: 'The page has no content security policy.' }),
  'policy-allows': () => ({ what: 'Its content security policy allows the script and what it sends.' }),
  'policy-blocks-script': ({ about }) => ({
    what: 'The content security policy of the page forbids the script.',
    todo: `Whoever looks after the web server adds ${about} to script-src and to connect-src in the header Content-Security-Policy.`,
  }),
  'policy-blocks-sending': ({ about }) => ({
    what: 'The content security policy of the page lets the script run, but not send anything.',
    todo: `Whoever looks after the web server adds ${about} to connect-src in the header Content-Security-Policy.`,
  }),
  'policy-insecure': ({ about }) => ({
    what: `Your page is https, and the tag loads the script from ${about}, which browsers refuse.`,
    todo: 'Open this dashboard under its https address and copy the tag from there.',
  }),
  'policy-unknown': () => ({ what: 'Not known, because the page could not be read.' }),
  'script-waiting': () => ({ what: 'Waiting for the tab that opened.' }),
  'script-seen': () => ({ what: 'The script was asked for and sent.' }),
  'script-kept': () => ({ what: 'Your browser has the script already.' }),
  'script-blocked': () => ({
    what: 'Your browser never asked for the script, or something stopped it.',
    todo: blocked,
  }),
  'script-missing': () => ({
    what: 'Your browser never asked for the script.',
    todo: 'Did the page open? If so, the tag is not in it.',
  }),
  'event-waiting': () => ({ what: 'Waiting for the page view.' }),
  'event-kept': () => ({ what: 'It arrived and was kept.' }),
  'event-dropped': ({ reason, detail }) => {
    const { what, todo } = dropSentence(reason ?? 'unknown');
    return { what: detail ? `${what} ${detail}` : what, todo };
  },
  'event-missing': () => ({
    what: 'The script came, but nothing was sent.',
    todo: `Does the browser ask not to be tracked, or did you switch counting off in it? ${blocked}`,
  }),
  'event-needs-consent': () => ({
    what: 'The script came, and waits for consent, as this site is set up.',
    todo: 'Agree to the cookie banner in the tab that opened. If there is none, change the consent under Settings → Tracker.',
  }),
  'event-privacy-signal': () => ({
    what: 'The script came, but your browser asks not to be tracked, and this site honours that.',
    todo: 'Test with another browser. Whether such visitors are counted is decided under Settings → Tracker.',
  }),
  'event-excluded': () => ({
    what: 'The script came, but this path is left out of counting.',
    todo: 'Test another page, or change the excluded paths under Settings → Tracker.',
  }),
  'query-waiting': () => ({ what: 'Asked as soon as the page view has arrived.' }),
  'query-found': () => ({ what: 'It is in the database, and every report can count it.' }),
  'query-late': () => ({
    what: 'The page view was kept on the disk, but half a minute later no question finds it.',
    todo: 'Nothing is lost. Look at the state of the database with “telltale doctor”.',
  }),
};

/** What a step found, and what to do about it. */
export function stepWords(step: InstallStepState): Words {
  return findings[step.finding](step);
}

/** Where the check is, in one sentence. */
export const checkSentences = {
  waiting: 'Testing. Leave the tab open that shows your page.',
  ok: 'It works: your page is counted, and its reports find it.',
  problem: 'Something is in the way. Put right what is marked below; the test goes on meanwhile.',
  timeout: 'Nothing more came within three minutes. Put right what is marked below, and test again.',
} as const;
