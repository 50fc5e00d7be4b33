import { describe, expect, it } from 'vitest';
import { adjustByHolm, twoProportions } from '../../collector/queries/significance.ts';

describe('significance', () => {
  it('tells two shares apart as a table of the normal distribution does', () => {
    // 60 of 100 against 40 of 100: pooled 0.5, error √(0.25 × 0.02) = 0.0707, z = 0.2 / 0.0707 = 2.828, chance 0.00468.
    const { distance, chance } = twoProportions(60, 100, 40, 100);
    expect(distance).toBeCloseTo(2.8284, 4);
    expect(chance).toBeCloseTo(0.004678, 6);
    expect(twoProportions(50, 100, 100, 200)).toEqual({ distance: 0, chance: expect.closeTo(1, 6) });
  });

  it('calls nothing surprising where there is nothing to compare', () => {
    expect(twoProportions(0, 0, 5, 10).chance).toBe(1);
    expect(twoProportions(10, 10, 20, 20).chance).toBe(1);
  });

  it('corrects for many comparisons, in the order given and never below a smaller chance', () => {
    // Ascending 0.01 × 4, 0.02 × 3, 0.03 × 2 (raised to 0.06), 0.5 × 1.
    expect(adjustByHolm([0.03, 0.01, 0.5, 0.02])).toEqual([0.06, 0.04, 0.5, 0.06]);
    expect(adjustByHolm([])).toEqual([]);
  });
});
