/**
 * How often visitors of the demo go wrong, where the demo wants them to. `planted-leaks.ts` says where each of these can be
 * found and what the numbers are.
 */
export const plantedRates = {
  /** First day (counted from today) on which phones lose visitors at the date picker. */
  datePickerSince: -18,
  datePickerLeave: { before: 0.14, mobileSince: 0.42 },
  /** First day of the Instagram campaign whose button leads nowhere. */
  springSince: -30,
  springButton: 0.46,
  phoneField: 0.4,
  pricesLeave: { weekday: 0.32, weekend: 0.64 },
} as const;
