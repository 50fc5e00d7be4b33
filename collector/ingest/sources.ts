export type SourceKind = 'search' | 'social' | 'email' | 'assistant';

export interface KnownSource {
  name: string;
  kind: SourceKind;
}

/**
 * Hosts that people come from, by what they are. A host counts with its sub-domains; `google.*` is google under any ending.
 * Assistants are named so that they can be told from other referrals; their channel is `referral`.
 */
const table: Record<SourceKind, Record<string, string[]>> = {
  search: {
    google: ['google.*', 'com.google.android.googlequicksearchbox'],
    bing: ['bing.com'],
    duckduckgo: ['duckduckgo.com'],
    yahoo: ['search.yahoo.com', 'yahoo.com', 'yahoo.co.jp'],
    ecosia: ['ecosia.org'],
    qwant: ['qwant.com'],
    startpage: ['startpage.com'],
    brave: ['search.brave.com'],
    kagi: ['kagi.com'],
    yandex: ['yandex.*', 'ya.ru'],
    baidu: ['baidu.com'],
    naver: ['naver.com'],
    seznam: ['seznam.cz'],
  },
  social: {
    facebook: ['facebook.com', 'fb.com', 'fb.me', 'com.facebook.katana'],
    instagram: ['instagram.com'],
    linkedin: ['linkedin.com', 'lnkd.in', 'com.linkedin.android'],
    x: ['x.com', 'twitter.com', 't.co'],
    reddit: ['reddit.com', 'com.reddit.frontpage'],
    youtube: ['youtube.com', 'youtu.be'],
    tiktok: ['tiktok.com'],
    pinterest: ['pinterest.*', 'pin.it'],
    threads: ['threads.net', 'threads.com'],
    bluesky: ['bsky.app'],
    mastodon: ['mastodon.social'],
    whatsapp: ['whatsapp.com', 'wa.me'],
    telegram: ['t.me', 'telegram.org', 'org.telegram.messenger'],
    xing: ['xing.com'],
    hackernews: ['news.ycombinator.com'],
  },
  email: {
    gmail: ['mail.google.com', 'com.google.android.gm'],
    outlook: ['outlook.live.com', 'outlook.office.com', 'outlook.office365.com'],
    'yahoo mail': ['mail.yahoo.com'],
    gmx: ['gmx.net', 'gmx.com', 'deref-gmx.net'],
    'web.de': ['web.de', 'deref-web.de'],
    proton: ['mail.proton.me'],
  },
  assistant: {
    chatgpt: ['chatgpt.com', 'chat.openai.com'],
    claude: ['claude.ai'],
    gemini: ['gemini.google.com'],
    perplexity: ['perplexity.ai'],
    copilot: ['copilot.microsoft.com'],
    mistral: ['chat.mistral.ai'],
    deepseek: ['chat.deepseek.com'],
  },
};

/** Names that campaigns write in `utm_source` for the same places. */
const otherNames: Record<string, string> = {
  fb: 'facebook',
  meta: 'facebook',
  ig: 'instagram',
  twitter: 'x',
  adwords: 'google',
  'google-ads': 'google',
  microsoft: 'bing',
};

const hosts = new Map<string, KnownSource>();
const names = new Map<string, KnownSource>();
for (const kind of Object.keys(table) as SourceKind[]) {
  for (const [name, places] of Object.entries(table[kind])) {
    names.set(name, { name, kind });
    for (const place of places) hosts.set(place, { name, kind });
  }
}

/** The most exact entry for a host: `mail.google.com` is a mailbox, `www.google.de` a search engine. */
export function sourceOfHost(host: string): KnownSource | undefined {
  const labels = host.split('.');
  for (let start = 0; start < labels.length; start++) {
    const rest = labels.slice(start);
    const exact = hosts.get(rest.join('.'));
    if (exact) return exact;
    // `google.*` stands for google.de and google.co.uk, not for google.example.com.
    const ending = rest.slice(1);
    const countryEnding = ending.length === 1 || (ending.length === 2 && /^(com?|org|net)$/.test(ending[0] ?? ''));
    const anyEnding = countryEnding ? hosts.get(`${rest[0]}.*`) : undefined;
    if (anyEnding) return anyEnding;
  }
  return undefined;
}

/** What is known of a `utm_source`: a name of the table, another name for it, or a host. */
export function sourceOfName(name: string): KnownSource | undefined {
  const lower = name.toLowerCase();
  return names.get(otherNames[lower] ?? lower) ?? sourceOfHost(lower);
}
