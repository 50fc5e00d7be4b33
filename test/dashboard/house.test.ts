import { expect, test } from 'vitest';
import type { ScoringPreview } from '../../collector/contract/scoring.ts';
import { wholePreview } from '../../dashboard/features/house/data.ts';

test('a preview of the scoring that came in parts adds up to one of all leads, the largest changes first', () => {
  const move = (leadId: string, before: number, after: number): ScoringPreview['moves'][number] => ({
    leadId,
    name: leadId,
    email: null,
    before: { score: before, temperature: 'cold' },
    after: { score: after, temperature: 'hot' },
  });
  const part = (moves: ScoringPreview['moves'], next: string | null): ScoringPreview => ({
    looked: 3,
    total: 6,
    before: { cold: 3, warm: 0, hot: 0 },
    after: { cold: 3 - moves.length, warm: 0, hot: moves.length },
    moves,
    moving: moves.length,
    next,
  });
  const first = part([move('ana', 10, 60)], '3');
  expect(wholePreview([first])).toEqual(first);
  expect(wholePreview([first, part([move('bea', 0, 90), move('cleo', 20, 60)], null)])).toEqual({
    looked: 6,
    total: 6,
    before: { cold: 6, warm: 0, hot: 0 },
    after: { cold: 3, warm: 0, hot: 3 },
    moves: [move('bea', 0, 90), move('ana', 10, 60), move('cleo', 20, 60)],
    moving: 3,
    next: null,
  });
  expect(wholePreview([])).toBeUndefined();
});
