/** Counts of one place and segment, one entry for each day, oldest first. */
export interface DailyLosses {
  reached: readonly number[];
  lost: readonly number[];
}

export interface Change {
  /** Position of the first day of the change. */
  since: number;
  /** From `since` on. */
  reached: number;
  lost: number;
  /** Lost people that the time before, on the same weekdays, would have let expect. */
  expected: number;
  /** Distance from what chance does, in standard deviations, widened by how restless the days are. */
  z: number;
  /** How much more the days differ than people deciding one by one would: 1 or more. */
  dispersion: number;
}

/** A baseline needs every weekday twice. */
export const daysBefore = 14;
/** A change shorter than this may be one bad day. */
export const daysAfter = 3;
/** Weekdays have few people each: so many of everyday behaviour are mixed in. */
const everydayPeople = 60;
/** People before and after, below which a rate means nothing. */
const leastBefore = 60;
const leastAfter = 20;

/**
 * Since when do more people get lost than before? Every day is tried as the first day of a change that lasts until the end, and the
 * likeliest is taken: the greatest log-likelihood ratio of two binomial rates against one, the days after compared with the same
 * weekdays before. Null where there is too little before or after, or where nothing got worse.
 */
export function findChange({ reached, lost }: DailyLosses): Change | null {
  const days = reached.length;
  const total = sum(reached);
  const after = Array.from({ length: 7 }, () => ({ reached: 0, lost: 0 }));
  const before = Array.from({ length: 7 }, () => ({ reached: 0, lost: 0 }));
  for (const [day, count] of reached.entries()) add(before, day, count, lost[day] ?? 0);
  let reachedAfter = 0;
  let lostAfter = 0;
  let best: { since: number; score: number; expected: number; reached: number; lost: number } | undefined;
  for (let since = days - 1; since >= daysBefore; since -= 1) {
    const [people = 0, missing = 0] = [reached[since], lost[since]];
    add(before, since, -people, -missing);
    add(after, since, people, missing);
    reachedAfter += people;
    lostAfter += missing;
    if (people === 0 || days - since < daysAfter || reachedAfter < leastAfter || total - reachedAfter < leastBefore)
      continue;
    const expected = expectedLost(before, after);
    const score = signedRoot({
      reachedBefore: total - reachedAfter,
      rateBefore: expected / reachedAfter,
      reachedAfter,
      lostAfter,
    });
    if (score > 0 && (!best || score > best.score))
      best = { since, score, expected, reached: reachedAfter, lost: lostAfter };
  }
  if (!best) return null;
  const { since, score, expected, reached: people, lost: missing } = best;
  const dispersion = dispersionOf({ reached, lost }, since);
  return { since, reached: people, lost: missing, expected, z: score / Math.sqrt(dispersion), dispersion };
}

/** The change of a series at a day that is already known; null where nothing can be said. */
export function changeAt({ reached, lost }: DailyLosses, since: number): Omit<Change, 'dispersion'> | null {
  const before = Array.from({ length: 7 }, () => ({ reached: 0, lost: 0 }));
  const after = Array.from({ length: 7 }, () => ({ reached: 0, lost: 0 }));
  for (const [day, count] of reached.entries()) add(day < since ? before : after, day, count, lost[day] ?? 0);
  const people = sum(after.map((one) => one.reached));
  const peopleBefore = sum(before.map((one) => one.reached));
  if (people === 0 || peopleBefore === 0) return null;
  const missing = sum(after.map((one) => one.lost));
  const expected = expectedLost(before, after);
  const z = signedRoot({
    reachedBefore: peopleBefore,
    rateBefore: expected / people,
    reachedAfter: people,
    lostAfter: missing,
  });
  return { since, reached: people, lost: missing, expected, z };
}

/**
 * Probability that the greatest z over all first days reaches this one by chance alone: Siegmund's tail of a standardized Brownian
 * bridge between two fractions of the series, one-sided, which is never too small (Siegmund 1986, Annals of Statistics 14, 361–404).
 */
export function chanceOf(z: number, days: number): number {
  if (z <= 1) return 1;
  const from = Math.min(daysBefore / days, 0.5);
  const to = 1 - daysAfter / days;
  const width = Math.log((to * (1 - from)) / (from * (1 - to)));
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return Math.min(1, density * ((z / 2 - 1 / (2 * z)) * Math.max(width, 0) + 2 / z));
}

type Weekdays = { reached: number; lost: number }[];

function add(weekdays: Weekdays, day: number, reached: number, lost: number): void {
  const one = weekdays[day % 7];
  if (!one) return;
  one.reached += reached;
  one.lost += lost;
}

/** Lost people of the days after, had they behaved like the same weekdays before. */
function expectedLost(before: Weekdays, after: Weekdays): number {
  const everyday = rate(sum(before.map((one) => one.lost)), sum(before.map((one) => one.reached)));
  return sum(
    after.map((one, weekday) => {
      const same = before[weekday];
      return one.reached * rate((same?.lost ?? 0) + everydayPeople * everyday, (same?.reached ?? 0) + everydayPeople);
    }),
  );
}

/** Square root of twice the log-likelihood ratio, negative where fewer are lost after. */
function signedRoot(counts: {
  reachedBefore: number;
  rateBefore: number;
  reachedAfter: number;
  lostAfter: number;
}): number {
  const { reachedBefore, rateBefore, reachedAfter, lostAfter } = counts;
  const lostBefore = reachedBefore * rateBefore;
  const both = (lostBefore + lostAfter) / (reachedBefore + reachedAfter);
  const gain =
    term(lostBefore, reachedBefore * both) +
    term(reachedBefore - lostBefore, reachedBefore * (1 - both)) +
    term(lostAfter, reachedAfter * both) +
    term(reachedAfter - lostAfter, reachedAfter * (1 - both));
  return Math.sign(lostAfter - reachedAfter * rateBefore) * Math.sqrt(Math.max(0, 2 * gain));
}

function term(observed: number, expected: number): number {
  return observed <= 0 ? 0 : observed * Math.log(observed / expected);
}

/** Days whose errors are taken together, so that a good or bad spell of some days counts as restlessness too. */
const spellDays = 4;

/**
 * Pearson's chi-square over its degrees of freedom, with the weekday's rate before and after: of single days, and of spells of four
 * days; the larger of the first and the mean of both.
 */
function dispersionOf({ reached, lost }: DailyLosses, since: number): number {
  const errors = [...errorsOf(reached, lost, 0, since), ...errorsOf(reached, lost, since, reached.length)];
  const used = errors.filter(({ variance }) => variance > 0);
  // Two levels, and weekdays that have mostly been shrunk away.
  const days = sum(used.map(({ error, variance }) => (error * error) / variance)) / Math.max(1, used.length - 5);
  const spells: number[] = [];
  for (let start = 0; start + spellDays <= used.length; start += spellDays) {
    const spell = used.slice(start, start + spellDays);
    spells.push(sum(spell.map((one) => one.error)) ** 2 / sum(spell.map((one) => one.variance)));
  }
  const ofSpells = spells.length > 3 ? sum(spells) / (spells.length - 2) : 1;
  return Math.max(1, days, (days + ofSpells) / 2);
}

function errorsOf(reached: readonly number[], lost: readonly number[], from: number, to: number) {
  const weekdays = Array.from({ length: 7 }, () => ({ reached: 0, lost: 0 }));
  for (let day = from; day < to; day += 1) add(weekdays, day, reached[day] ?? 0, lost[day] ?? 0);
  const everyday = rate(sum(weekdays.map((one) => one.lost)), sum(weekdays.map((one) => one.reached)));
  return reached.slice(from, to).map((people, index) => {
    const same = weekdays[(from + index) % 7];
    const usual = rate((same?.lost ?? 0) + everydayPeople * everyday, (same?.reached ?? 0) + everydayPeople);
    return { error: (lost[from + index] ?? 0) - people * usual, variance: people * usual * (1 - usual) };
  });
}

function rate(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
