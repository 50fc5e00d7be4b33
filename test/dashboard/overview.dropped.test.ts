import { expect, test } from 'vitest';
import { droppedRows, droppedSummary } from '../../dashboard/features/overview/data.ts';

const september = { range: { from: '2026-09-01', to: '2026-10-01' }, year: '2026' };

test('what was not counted is told with its most frequent reason', () => {
  expect(
    droppedSummary(
      [
        { reason: 'bot', count: 1_312 },
        { reason: 'origin', count: 20 },
      ],
      september,
    ),
  ).toBe('1,332 events not counted from Sep 1 to Sep 30. Most often: bots (1,312).');
  expect(droppedSummary([{ reason: 'consent', count: 1 }], september)).toBe(
    '1 event not counted from Sep 1 to Sep 30. All for one reason: no consent.',
  );
  expect(droppedSummary([], september)).toBe('Everything that arrived from Sep 1 to Sep 30 was counted.');
});

test('what was not counted becomes a file', () => {
  expect(droppedRows([{ reason: 'bot', count: 3 }])).toEqual([{ Reason: 'Bots', Events: 3 }]);
});
