import { describe, expect, test } from 'vitest';
import { blankEntry, keptWords, nextEntry, toNewLead } from '../../dashboard/features/leads/entry.ts';
import { followUpOn } from '../../dashboard/features/leads/follow-up.ts';
import {
  leadFilterName,
  parseLeadsSearch,
  toLeadQuestion,
  withQuestion,
} from '../../dashboard/features/leads/search.ts';
import { timelineWords } from '../../dashboard/features/leads/timeline-words.ts';
import { clockWords, leadDetails, leadName, leakWords } from '../../dashboard/features/leads/words.ts';

const now = Date.parse('2026-09-10T10:00:00Z');

describe('the address of the list', () => {
  test('keeps what is a filter and leaves out what is none', () => {
    const search = {
      stage: 'new,gone,won',
      temperature: 'hot',
      due: 'someday',
      leaking: 'true',
      view: 'map',
      sort: 'score',
    };
    expect(parseLeadsSearch(search)).toEqual({ stage: 'new,won', temperature: 'hot', leaking: 'true', sort: 'score' });
  });

  test('asks for filters and order, not for how they are shown', () => {
    expect(toLeadQuestion({ view: 'board', stage: 'new', owner: 'none' })).toEqual({ stage: 'new', owner: 'none' });
  });

  test('a saved view replaces every filter and leaves the board a board', () => {
    const shown = withQuestion({ view: 'board', stage: 'won', search: 'anna' }, { owner: 'ines', due: 'today' });
    expect(toLeadQuestion(shown)).toEqual({ owner: 'ines', due: 'today' });
    expect(shown.view).toBe('board');
  });

  test('each filter has a chip in words', () => {
    const owner = () => 'Ines Berger';
    expect(leadFilterName('stage', 'new,contacted', owner)).toBe('Stage is New or Contacted');
    expect(leadFilterName('owner', 'x1', owner)).toBe('Owner is Ines Berger');
    expect(leadFilterName('owner', 'none', owner)).toBe('Nobody owns it');
    expect(leadFilterName('due', 'now', owner)).toBe('Next step is overdue');
  });
});

describe('what a lead is called', () => {
  const anna = { id: '1', number: 7, name: 'Anna Berger', email: 'anna@example.com', phone: null, company: null };
  test('its name, else whatever is known, else its number', () => {
    expect(leadName(anna)).toBe('Anna Berger');
    expect(leadName({ ...anna, name: null, email: null, phone: '+49301234' })).toBe('+49301234');
    expect(leadName({ ...anna, name: null, email: null })).toBe('Lead 7');
  });

  test('what is said beside the name does not repeat it', () => {
    expect(leadDetails({ ...anna, kind: 'quote', first: { source: 'google' } })).toBe(
      'anna@example.com · quote · google',
    );
    expect(leadDetails({ ...anna, name: null, kind: '', first: { channel: 'event' } })).toBe('Trade show');
  });

  test('a clock says what is due, and when it was', () => {
    expect(clockWords({ clock: 'response', dueAt: '2026-09-10T10:40:00Z' }, now)).toBe('Answer due in 40 minutes');
    expect(clockWords({ clock: 'acceptance', dueAt: '2026-09-10T08:00:00Z' }, now)).toBe(
      'To be taken was due 2 hours ago',
    );
    expect(clockWords(null, now)).toBeNull();
  });

  test('a leak is one sentence of all its reasons', () => {
    expect(leakWords(['no-owner', 'next-step-passed'])).toBe('Nobody owns it, the next step is overdue.');
    expect(leakWords([])).toBe('');
  });
});

describe('a line of the timeline', () => {
  const naming = { ownerName: () => 'Ines Berger', timezone: 'Europe/Berlin' };
  const ledger = { from: 'ledger', id: 'e1', at: '2026-09-10T09:00:00Z', by: 'system', undone: false } as const;

  test('a call says who called, how it went and for how long', () => {
    const data = { touch: 'call', channel: 'phone', direction: 'in', outcome: 'answered', seconds: 95 } as const;
    expect(timelineWords({ ...ledger, kind: 'touch', data }, naming)).toEqual({
      part: 'calls',
      title: 'They called us',
      details: ['Spoke with each other', '1m 35s'],
    });
  });

  test('a mail that a filter opened is shown, and said not to count', () => {
    const data = { touch: 'email_opened', channel: 'email', direction: 'in', notCounted: 'scanner' } as const;
    expect(timelineWords({ ...ledger, kind: 'touch', data }, naming)).toEqual({
      part: 'mails',
      title: 'E-mail opened',
      details: ['Not counted: a mail filter did this, not the person'],
    });
  });

  test('a lost lead says why, a new owner who', () => {
    expect(timelineWords({ ...ledger, kind: 'stage', data: { to: 'lost', reason: 'Too expensive' } }, naming)).toEqual({
      part: 'work',
      title: 'Moved to Lost',
      details: ['Too expensive'],
    });
    const given = timelineWords({ ...ledger, kind: 'owner', data: { to: 'x1', why: 'person' } }, naming);
    expect(given).toEqual({ part: 'work', title: 'Given to Ines Berger', details: [] });
  });

  test('a next step names its date, for it is read long after', () => {
    // 08:00 in UTC is 10:00 in Berlin.
    const data = { text: 'Send the offer', atMs: Date.parse('2026-09-10T08:00:00Z') };
    expect(timelineWords({ ...ledger, kind: 'next_step', data }, naming)).toEqual({
      part: 'work',
      title: 'Next: Send the offer',
      details: [expect.stringMatching(/^Until .*2026.*10:00/)],
    });
  });

  test('a page is called by its title, with its path below', () => {
    const page = { from: 'site', at: '2026-09-10T08:00:00Z', name: 'pageview', host: 'a.example', props: {} } as const;
    expect(timelineWords({ ...page, title: 'Prices', path: '/prices' }, naming)).toEqual({
      part: 'site',
      title: 'Prices',
      details: ['/prices'],
    });
  });
});

describe('the quick entry', () => {
  test('one field is enough, and nothing else is sent', () => {
    expect(toNewLead({ ...blankEntry, phone: ' 030 1234 ' }, { me: 'u1', photoOnly: false })).toEqual({
      phone: '030 1234',
      owner: 'u1',
    });
  });

  test('somebody met at a fair carries its name and the next step', () => {
    const entry = {
      ...blankEntry,
      name: 'Anna',
      place: 'Bridal fair',
      followUpOn: '2026-09-11',
      mine: false,
      consent: true,
    };
    expect(toNewLead(entry, { me: 'u1', photoOnly: false })).toEqual({
      name: 'Anna',
      channel: 'event',
      source: 'Bridal fair',
      nextStep: { text: 'Get in touch after Bridal fair', at: '2026-09-11' },
      consent: 'granted',
    });
  });

  test('the next person starts blank but at the same place', () => {
    const entry = { ...blankEntry, name: 'Anna', note: 'May', place: 'Bridal fair', consent: true };
    expect(nextEntry(entry)).toEqual({ ...blankEntry, place: 'Bridal fair' });
  });

  test('says what was kept, and what is still missing', () => {
    const lead = {
      id: '1',
      number: 7,
      name: 'Anna',
      email: null,
      phone: null,
      company: 'Salon',
      stage: 'incomplete',
    } as const;
    expect(keptWords(lead, { created: true, followUpOn: '', withPhoto: true })).toEqual([
      'Anna is kept.',
      'With Salon and a photo.',
      'No follow-up is planned yet.',
      'An address or a telephone number is still missing; that can be added later.',
    ]);
  });

  test('tomorrow is tomorrow where the site is, not where the clock of the server is', () => {
    // 23:30 in Vienna on the 10th is 21:30 UTC; in Auckland it is the 11th already.
    const lateEvening = Date.parse('2026-09-10T21:30:00Z');
    expect(followUpOn(1, { timezone: 'Europe/Vienna', now: lateEvening })).toBe('2026-09-11');
    expect(followUpOn(7, { timezone: 'Pacific/Auckland', now: lateEvening })).toBe('2026-09-18');
  });
});
