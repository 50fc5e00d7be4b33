import { describe, expect, it, vi } from 'vitest';
import { installFindings } from '../../collector/contract/install.ts';
import { siteSettings } from '../../collector/contract/manage.ts';
import { queryString, toApiError } from '../../dashboard/api/client.ts';
import { stepWords } from '../../dashboard/features/install/check-words.ts';
import {
  dropSentence,
  dropSentences,
  pageToTest,
  pinnedTag,
  scriptTag,
} from '../../dashboard/features/install/data.ts';
import { personName, ruleSentence } from '../../dashboard/features/leaks/data.ts';
import {
  autoEventWords,
  deletesMore,
  excludeProblem,
  keepChoices,
  suggestPassword,
  toSiteForm,
  toSitePatch,
  toTrackerForm,
  toTrackerPatch,
} from '../../dashboard/features/settings/data.ts';
import { healthSentence, lastAnswer, prettyBody } from '../../dashboard/features/webhooks/data.ts';
import {
  formatDuration,
  formatMoney,
  formatRelative,
  formatSeconds,
  formatShort,
  plural,
} from '../../dashboard/format.ts';

describe('the install screen', () => {
  it('shows the tag with the address it was opened at', () => {
    expect(scriptTag('https://stats.example.com', 'ab12')).toBe(
      '<script defer src="https://stats.example.com/t/ab12.js"></script>',
    );
  });

  it('writes the settings of the site into a tag with a fixed version, which gets none from the server', () => {
    const pinned = { path: '/t/v/0123456789abcdef.js', integrity: 'sha384-abc' };
    const tag = (settings: object) =>
      pinnedTag('https://stats.example.com', { id: 'ab12', settings: siteSettings.parse(settings) }, pinned);
    const start =
      '<script defer src="https://stats.example.com/t/v/0123456789abcdef.js" integrity="sha384-abc" crossorigin="anonymous" data-site="ab12"';
    expect(tag({})).toBe(`${start}></script>`);
    expect(
      tag({
        consent: 'required',
        honourPrivacySignals: false,
        cookieless: true,
        hashRouting: true,
        exclude: ['/a&b', '/c'],
        autoEvents: { outbound: false, clicks: false },
      }),
    ).toBe(
      `${start} data-consent="required" data-signals="ignore" data-cookieless data-hash data-exclude="/a&amp;b,/c" data-events="downloads,contacts,forms,notFound"></script>`,
    );
  });

  it('offers the front page for the test', () => {
    expect(pageToTest({ domains: ['salon.example', 'www.salon.example'] })).toBe('https://salon.example/');
    expect(pageToTest({ domains: ['localhost'] })).toBe('http://localhost/');
  });

  it('has words for everything that the test can find, and says what to do about every problem', () => {
    for (const finding of installFindings) {
      const { what, todo } = stepWords({ step: 'page', state: 'problem', finding, about: 'So.' });
      expect(what).toMatch(/\.$/);
      if (/missing|blocks|blocked|other|insecure|dropped|needs|privacy|excluded|late$/.test(finding))
        expect(todo).toMatch(/[.”]$/);
    }
  });

  it('has a reason and a way out for every drop, also for one it does not know', () => {
    for (const { what, todo } of Object.values(dropSentences)) {
      expect(what).toMatch(/\.$/);
      expect(todo).toMatch(/\.$/);
    }
    expect(dropSentence('meteor').what).toBe('A hit arrived and was not kept (meteor).');
  });
});

describe('rules', () => {
  it('read as a sentence', () => {
    expect(
      ruleSentence({
        intent: { event: 'booking_start' },
        complete: [{ event: 'booking_done' }, { path: '/thanks' }],
        wait: '60m',
      }),
    ).toBe('After booking_start, without booking_done or /thanks within 60 minutes.');
  });

  it('call a case by name, then e-mail, then the end of the visitor id', () => {
    expect(personName({ name: 'Ana', email: 'ana@example.com', visitor: '123456789' })).toBe('Ana');
    expect(personName({ name: null, email: 'ana@example.com', visitor: '123456789' })).toBe('ana@example.com');
    expect(personName({ name: null, email: null, visitor: '123456789' })).toBe('Visitor …56789');
  });
});

describe('webhooks', () => {
  it('tell the last 24 hours of an endpoint', () => {
    const health = { delivered: 3, failed: 1, pending: 0, lastStatus: 200, lastAt: null, p95Ms: null };
    expect(healthSentence(health)).toBe('3 delivered, 1 failed in the last 24 hours');
    expect(healthSentence({ ...health, delivered: 0, failed: 0 })).toBe('No messages in the last 24 hours');
  });

  it('tell the last answer of a delivery', () => {
    const attempt = {
      at: '2026-09-01T00:00:00Z',
      status: 503,
      error: 'The endpoint answered 503.',
      ms: 5,
      response: '',
      request: null,
    };
    expect(lastAnswer({ state: 'pending', attempts: [] })).toBe('Not sent yet');
    expect(lastAnswer({ state: 'cancelled', attempts: [] })).toBe('Not sent');
    expect(lastAnswer({ state: 'delivered', attempts: [attempt, { ...attempt, status: 200, error: null }] })).toBe(
      'Answer 200',
    );
    expect(
      lastAnswer({ state: 'failed', attempts: [{ ...attempt, status: null, error: 'No answer within 15 s.' }] }),
    ).toBe('No answer within 15 s.');
  });

  it('lay out JSON and leave everything else as it came', () => {
    expect(prettyBody('{"a":1}')).toBe('{\n  "a": 1\n}');
    expect(prettyBody('<html>')).toBe('<html>');
  });
});

describe('settings', () => {
  it('come back unchanged when nothing was edited', () => {
    const site = {
      id: 'ab12',
      name: 'Salon',
      domains: ['salon.example'],
      timezone: 'Europe/Berlin',
      settings: siteSettings.parse({ anyHost: true }),
      createdAt: '2026-09-01T00:00:00Z',
      firstEventAt: null,
    } as const;
    const patch = toSitePatch(toSiteForm({ ...site, domains: [...site.domains] }));
    expect(patch).toEqual({
      name: 'Salon',
      domains: ['salon.example'],
      timezone: 'Europe/Berlin',
      // anyHost is not on the form, so it is not sent and stays as it is.
      settings: { currency: 'EUR', staleDays: 14, retentionDays: null },
    });
  });

  it('ask before a shorter time to keep events deletes some, and only then', () => {
    expect(deletesMore('ever', '396')).toBe(true);
    expect(deletesMore('396', '90')).toBe(true);
    expect(deletesMore('90', '396')).toBe(false);
    expect(deletesMore('90', 'ever')).toBe(false);
    expect(deletesMore('ever', 'ever')).toBe(false);
    expect(keepChoices('45').map(({ label }) => label)).toEqual([
      '30 days',
      '45 days',
      '90 days',
      'Half a year',
      '13 months',
      '25 months',
      '5 years',
      'For ever',
    ]);
  });

  it('of the tracker come back unchanged too, and have a sentence for each kind of event', () => {
    const settings = siteSettings.parse({ exclude: ['/admin/**'], autoEvents: { dataLayer: true } });
    const { settings: sent = {} } = toTrackerPatch(toTrackerForm({ settings }));
    expect(siteSettings.parse({ ...siteSettings.parse({}), ...sent })).toEqual(settings);
    for (const { help } of Object.values(autoEventWords)) expect(help).toMatch(/\.$/);
  });

  it('name a path that is none', () => {
    expect(excludeProblem(['/admin/**', '**/preview'])).toBeNull();
    expect(excludeProblem(['/a', 'admin'])).toBe(
      '“admin” is no path: write it as /admin/**, without commas or spaces.',
    );
  });

  it('suggest a password in groups that can be read aloud', () => {
    expect(suggestPassword(new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]))).toBe('abcd-efgh');
  });
});

describe('answers of the server', () => {
  it('become errors with the words of the server', () => {
    const error = toApiError(
      404,
      '{"error":{"code":"unknown_site","message":"There is no such site."},"requestId":"r1"}',
    );
    expect([error.status, error.code, error.message, error.requestId]).toEqual([
      404,
      'unknown_site',
      'There is no such site.',
      'r1',
    ]);
  });

  it('stay plain words when a proxy answers with a page', () => {
    const error = toApiError(502, '<html>Bad Gateway</html>');
    expect(error.code).toBe('unexpected');
    expect(error.message).toContain('502');
  });

  it('are asked for without empty parameters', () => {
    expect(queryString({ state: 'waiting', rule: undefined, cursor: null, limit: 50 })).toBe('?state=waiting&limit=50');
    expect(queryString({})).toBe('');
  });
});

describe('words for numbers and times', () => {
  it('shortens millions to M also in Britain, where m stands beside minutes', () => {
    vi.stubGlobal('navigator', { languages: ['en-GB'] });
    expect([9_999, 12_345, 1_960_784].map(formatShort)).toEqual(['9,999', '12.3K', '2M']);
    expect(formatSeconds(120)).toBe('2m 00s');
    vi.unstubAllGlobals();
  });

  it('fit the amount', () => {
    expect(plural(1, 'visitor')).toBe('1 visitor');
    expect(plural(1_200, 'visitor')).toBe('1,200 visitors');
    expect(formatDuration('1h')).toBe('1 hour');
    expect(formatDuration('90m')).toBe('90 minutes');
    expect(formatSeconds(59.6)).toBe('1m 00s');
    expect(formatSeconds(3_660)).toBe('1h 01m');
    expect(formatSeconds(200_000)).toBe('2d 8h');
    expect(formatMoney(80, 'EUR')).toBe('€80');
    expect(formatMoney(null, 'EUR')).toBeNull();
  });

  it('tell how long ago', () => {
    const now = Date.parse('2026-09-01T12:00:00Z');
    expect(formatRelative('2026-09-01T11:59:40Z', now)).toBe('just now');
    expect(formatRelative('2026-09-01T11:55:00Z', now)).toBe('5 minutes ago');
    expect(formatRelative('2026-08-31T12:00:00Z', now)).toBe('yesterday');
    expect(formatRelative('2026-09-01T14:00:00Z', now)).toBe('in 2 hours');
  });
});
