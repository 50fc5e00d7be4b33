// @ts-check
// What faults have in common.

/** @typedef {import('./world.js').World} World */
/**
 * @typedef {{ runs: number, site: { publicId: string, number: number }, recoveryMs: number[], note?: string, setAside?: number, verdict?: Verdict }} Outcome
 * @typedef {Awaited<ReturnType<World['verdict']>>} Verdict
 * @typedef {{ runs: number, world: World, folder: string, quick: boolean }} Setting
 */
/** @typedef {{ about: string, runs: { full: number, quick: number }, run: (setting: Setting) => Promise<Outcome> }} Fault */

/** @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ends the run with these words where it is not so. @param {boolean} fine @param {string} words */
export function demand(fine, words) {
  if (!fine) throw new Error(words);
}
