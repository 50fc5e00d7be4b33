/**
 * How sure is it that two shares differ? The two-proportion z-test with the pooled share, two-sided. `distance` is |z|; `chance`
 * the probability of at least such a difference where there is none; 1 where one side is empty or all have it.
 */
export function twoProportions(
  part: number,
  whole: number,
  otherPart: number,
  otherWhole: number,
): { distance: number; chance: number } {
  const pooled = (part + otherPart) / (whole + otherWhole);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / whole + 1 / otherWhole));
  if (!(error > 0) || !Number.isFinite(error)) return { distance: 0, chance: 1 };
  const distance = Math.abs(part / whole - otherPart / otherWhole) / error;
  return { distance, chance: erfc(distance / Math.SQRT2) };
}

/** Holm's correction for having looked at many: the chance that any of them is a false alarm, in the order given. */
export function adjustByHolm(chances: readonly number[]): number[] {
  const adjusted = new Array<number>(chances.length).fill(1);
  let highest = 0;
  const ascending = chances
    .map((chance, index) => ({ chance, index }))
    .toSorted((one, other) => one.chance - other.chance);
  for (const [rank, { chance, index }] of ascending.entries()) {
    highest = Math.max(highest, Math.min(1, chance * (chances.length - rank)));
    adjusted[index] = highest;
  }
  return adjusted;
}

/** Complementary error function for x ≥ 0, relative error below 1.2e-7 (Numerical Recipes in C, 2nd edition, section 6.2). */
function erfc(x: number): number {
  const t = 1 / (1 + x / 2);
  const polynomial = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ].reduceRight((sum, factor) => sum * t + factor, 0);
  return t * Math.exp(-x * x + polynomial);
}
