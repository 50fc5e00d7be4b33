import { describe, expect, it } from 'vitest';
import type { PathsAnswer } from '../../collector/contract/paths.ts';
import {
  columnName,
  linkOf,
  needsEvents,
  nodeMatch,
  parsePathsSearch,
  pathLines,
  pathsSentence,
  selectedCount,
  shownColumns,
  toFlow,
} from '../../dashboard/features/paths/data.ts';

/** Ten sessions see the prices: four leave, three start a booking, of whom two finish, three go on to the team. */
const afterPrices: PathsAnswer = {
  direction: 'forward',
  columns: [
    { total: 10, nodes: [{ label: '/prices', kind: 'page', count: 10 }] },
    {
      total: 10,
      nodes: [
        { label: 'booking_start', kind: 'event', count: 3 },
        { label: '/team', kind: 'page', count: 3 },
        { label: '(exit)', kind: 'exit', count: 4 },
      ],
    },
    {
      total: 6,
      nodes: [
        { label: 'booking_done', kind: 'event', count: 2 },
        { label: '(exit)', kind: 'exit', count: 4 },
      ],
    },
  ],
  links: [
    { column: 0, from: '/prices', to: 'booking_start', count: 3 },
    { column: 0, from: '/prices', to: '/team', count: 3 },
    { column: 0, from: '/prices', to: '(exit)', count: 4 },
    { column: 1, from: 'booking_start', to: 'booking_done', count: 2 },
    { column: 1, from: 'booking_start', to: '(exit)', count: 1 },
    { column: 1, from: '/team', to: '(exit)', count: 3 },
  ],
  elapsedMs: 1,
  rowsRead: 1,
};

const beforeBooking: PathsAnswer = {
  direction: 'backward',
  columns: [
    { total: 4, nodes: [{ label: 'booking_start', kind: 'event', count: 4 }] },
    {
      total: 4,
      nodes: [
        { label: '/prices', kind: 'page', count: 3 },
        { label: '(entry)', kind: 'entry', count: 1 },
      ],
    },
  ],
  links: [
    { column: 0, from: 'booking_start', to: '/prices', count: 3 },
    { column: 0, from: 'booking_start', to: '(entry)', count: 1 },
  ],
  elapsedMs: 1,
  rowsRead: 1,
};

describe('the sentence over paths', () => {
  it('says how many leave, and where most of the others go', () => {
    expect(pathsSentence(afterPrices, { unit: 'session', direction: 'start' })).toBe(
      'After /prices, 40% of 10 sessions leave; 30% go on to booking_start.',
    );
  });

  it('goes backward: who came in right there, and where most of the others came from', () => {
    expect(pathsSentence(beforeBooking, { unit: 'visitor', direction: 'end' })).toBe(
      'Before booking_start, 25% of 4 visitors come in right there; 75% come from /prices.',
    );
  });

  it('leaves out that nobody left', () => {
    const all = {
      ...beforeBooking,
      columns: [
        { total: 4, nodes: [{ label: 'booking_start', kind: 'event' as const, count: 4 }] },
        { total: 4, nodes: [{ label: '/prices', kind: 'page' as const, count: 4 }] },
      ],
    };
    expect(pathsSentence(all, { unit: 'session', direction: 'end' })).toBe(
      'Before booking_start, 100% of 4 sessions come from /prices.',
    );
  });

  it('names the two busiest entrances where nothing was chosen', () => {
    const entrances: PathsAnswer = {
      ...afterPrices,
      columns: [
        {
          total: 10,
          nodes: [
            { label: '/', kind: 'page', count: 6 },
            { label: '/prices', kind: 'page', count: 3 },
            { label: '(other)', kind: 'other', count: 1 },
          ],
        },
      ],
    };
    expect(pathsSentence(entrances, { unit: 'session', direction: 'entry' })).toBe(
      '10 sessions came in: 60% at /, 30% at /prices.',
    );
  });

  it('says so when nobody was there', () => {
    const nobody = { ...afterPrices, columns: [{ total: 0, nodes: [] }], links: [] };
    expect(pathsSentence(nobody, { unit: 'session', direction: 'start' })).toBe('No session was there in this range.');
  });
});

describe('columns', () => {
  it('show for every neighbour of the selected place how many are at both', () => {
    const columns = shownColumns(afterPrices, { column: 1, label: 'booking_start' });
    expect(columns.map(({ nodes }) => nodes.map(({ name, linked }) => [name, linked]))).toEqual([
      [['/prices', 3]],
      [
        ['booking_start', null],
        ['/team', null],
        ['Left the site', null],
      ],
      [
        ['booking_done', 2],
        ['Left the site', 1],
      ],
    ]);
  });

  it('stand in the order of time, with the end at the right', () => {
    const columns = shownColumns(beforeBooking, undefined);
    expect(columns.map(({ index }) => columnName(index, 'end'))).toEqual(['1 step before', 'Leading to']);
    expect(columns[0]?.nodes.map(({ name, share }) => [name, share])).toEqual([
      ['/prices', 0.75],
      ['Came in here', 0.25],
    ]);
  });

  it('have counts for a place and for a link, which are what their lists must show', () => {
    expect(selectedCount(afterPrices, { column: 1, node: '/team' })).toBe(3);
    const link = linkOf({ column: 2, label: 'booking_done' }, { column: 1, label: 'booking_start' });
    expect(link).toEqual({ column: 1, node: 'booking_start', next: 'booking_done' });
    expect(selectedCount(afterPrices, link)).toBe(2);
    expect(selectedCount(afterPrices, { column: 4, node: '/team' })).toBeUndefined();
  });
});

describe('links', () => {
  it('are lines of a table, with the share of those at the earlier place', () => {
    expect(pathLines(afterPrices, 'start')[4]).toEqual({
      key: '1 booking_start (exit)',
      step: '2 steps later',
      from: 'booking_start',
      to: 'Left the site',
      count: 1,
      share: 1 / 3,
    });
    expect(pathLines(beforeBooking, 'end').map(({ from, to, count }) => [from, to, count])).toEqual([
      ['/prices', 'booking_start', 3],
      ['Came in here', 'booking_start', 1],
    ]);
  });

  it('flow in the order of time, and the same place in two columns is two nodes', () => {
    const flow = toFlow(afterPrices);
    expect(flow.nodes.map(({ name }) => name)).toEqual([
      '/prices',
      'booking_start',
      '/team',
      'Left the site',
      'booking_done',
      'Left the site',
    ]);
    expect(flow.links.reduce((sum, { value }) => sum + value, 0)).toBe(16);
    expect(toFlow(beforeBooking).links).toEqual([
      { source: 1, target: 0, value: 3 },
      { source: 2, target: 0, value: 1 },
    ]);
  });
});

describe('the question in the address', () => {
  it('is read back, and what does not fit is left out', () => {
    expect(
      parsePathsSearch({
        start: { path: '/prices' },
        end: { event: 'booking_done' },
        by: 'visitor',
        depth: '3',
        events: 'off',
        column: '1',
        node: '(exit)',
        people: 'open',
      }),
    ).toEqual({
      start: { path: '/prices' },
      by: 'visitor',
      depth: 3,
      events: 'off',
      column: 1,
      node: '(exit)',
      people: 'open',
    });
    expect(parsePathsSearch({ start: 'x', depth: '11', column: '-1', node: '/', people: 'open' })).toEqual({});
  });

  it('needs events where it starts at one or leads to one', () => {
    expect(needsEvents({ start: { event: 'booking_start' } })).toBe(true);
    expect(needsEvents({ end: { path: '/prices' } })).toBe(false);
    expect(needsEvents({})).toBe(false);
  });

  it('starts anew from a page or an event, grouped ids as a pattern, and from nothing else', () => {
    expect(nodeMatch({ label: '/orders/:id', kind: 'page' })).toEqual({ path: '/orders/*' });
    expect(nodeMatch({ label: 'booking_start', kind: 'event' })).toEqual({ event: 'booking_start' });
    expect(nodeMatch({ label: '(exit)', kind: 'exit' })).toBeNull();
  });
});
