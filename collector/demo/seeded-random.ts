import { hash64 } from '../hash.ts';

/**
 * Numbers in [0, 1) that depend on nothing but the parts: the same parts, the same numbers, on every machine.
 * A stream for every visit, instead of one for all, keeps a change in one visit from moving all later ones.
 * Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
 */
export function seededRandom(...parts: (string | number)[]): () => number {
  let state = Number(BigInt(hash64(...parts.map(String))) & 0xffffffffn);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of the choices, each as likely as its weight. Throws where there is nothing to choose from. */
export function pick<Choice>(random: () => number, choices: readonly (readonly [Choice, number])[]): Choice {
  const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
  let rest = random() * total;
  for (const [choice, weight] of choices) {
    rest -= weight;
    if (rest < 0) return choice;
  }
  const last = choices.at(-1);
  if (!last) throw new Error('nothing to pick from');
  return last[0];
}
