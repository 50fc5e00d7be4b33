import { expect, test } from 'vitest';
import { attribution, namedChannel } from '../../collector/ingest/attribution.ts';

function arrive(url: string, ref?: string) {
  return attribution({ url: new URL(url, 'https://example.com'), ref, domains: ['example.com'] });
}
const channelAndSource = (url: string, ref?: string) => {
  const { channel, source } = arrive(url, ref);
  return `${channel} ${source}`.trim();
};

test.each([
  ['nothing known', '/', undefined, 'direct'],
  ['a search engine', '/', 'https://www.google.de/', 'organic_search google'],
  ['a search engine under a two-part ending', '/', 'https://www.google.co.uk/', 'organic_search google'],
  ['its Android app', '/', 'android-app://com.google.android.googlequicksearchbox/', 'organic_search google'],
  [
    'a page somebody hosts at a search engine’s name',
    '/',
    'https://google.example.org/',
    'referral google.example.org',
  ],
  ['a social network', '/', 'https://l.facebook.com/l.php?u=1', 'organic_social facebook'],
  ['a short link of one', '/', 'https://t.co/abc', 'organic_social x'],
  ['a mailbox', '/', 'https://mail.google.com/mail/u/0/', 'email gmail'],
  ['an assistant', '/', 'https://chatgpt.com/', 'referral chatgpt'],
  ['an assistant of a search engine', '/', 'https://gemini.google.com/app', 'referral gemini'],
  ['another site', '/', 'https://www.blog.example/post', 'referral blog.example'],
  ['our own site', '/', 'https://example.com/other', 'direct'],
  ['our own sub-domain', '/', 'https://shop.example.com/other', 'direct'],
  ['no web address', '/', 'file:///home/ana/notes.html', 'direct'],
  ['nonsense', '/', 'not a url', 'direct'],
  ['a paid click at Google', '/?gclid=1', 'https://www.google.com/', 'paid_search google'],
  ['a paid click without referrer', '/?gclid=1', undefined, 'paid_search google'],
  ['a paid click at Bing', '/?msclkid=1', undefined, 'paid_search bing'],
  ['a paid click at TikTok', '/?ttclid=1', undefined, 'paid_social tiktok'],
  ['a link on Facebook, which marks free ones too', '/?fbclid=1', undefined, 'organic_social facebook'],
  ['a campaign that pays at Facebook', '/?fbclid=1&utm_source=fb&utm_medium=paid', undefined, 'paid_social fb'],
  ['cpc at a search engine', '/?utm_source=google&utm_medium=cpc', undefined, 'paid_search google'],
  ['cpc somewhere', '/?utm_source=partner&utm_medium=cpc', undefined, 'paid_search partner'],
  ['paid social', '/?utm_source=linkedin&utm_medium=paid_social', undefined, 'paid_social linkedin'],
  ['display', '/?utm_source=x&utm_medium=banner', undefined, 'display x'],
  ['e-mail', '/?utm_source=autumn&utm_medium=email', undefined, 'email autumn'],
  ['a newsletter without medium', '/?utm_source=newsletter', undefined, 'email newsletter'],
  ['affiliate', '/?utm_source=deals&utm_medium=affiliate', undefined, 'affiliate deals'],
  ['a text message', '/?utm_source=crm&utm_medium=sms', undefined, 'sms crm'],
  ['a letter', '/?utm_source=spring&utm_medium=print', undefined, 'letter spring'],
  ['a trade show', '/?utm_source=expo&utm_medium=event', undefined, 'event expo'],
  ['a source only', '/?utm_source=google', undefined, 'organic_search google'],
  ['an unknown source only', '/?utm_source=partner', undefined, 'other partner'],
  ['a tag wins over the referrer', '/?utm_source=letter&utm_medium=email', 'https://www.google.com/', 'email letter'],
])('%s', (_, url, ref, expected) => {
  expect(channelAndSource(url, ref)).toBe(expected);
});

test('keeps the tags as they are written and the referrer without its query', () => {
  expect(
    arrive(
      '/?utm_source=Letter&utm_medium=Email&utm_campaign=Autumn%20Sale&utm_term=a&utm_content=b',
      'https://blog.example/post?id=7#x',
    ),
  ).toEqual({
    channel: 'email',
    source: 'Letter',
    medium: 'Email',
    campaign: 'Autumn Sale',
    term: 'a',
    content: 'b',
    referrer: 'blog.example/post',
  });
});

test('a channel that a sender names is one of ours, or other', () => {
  expect(['email', 'Paid Search', 'paid-social', 'fax'].map(namedChannel)).toEqual([
    'email',
    'paid_search',
    'paid_social',
    'other',
  ]);
});
