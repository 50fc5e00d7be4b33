/** One treatment of the demo salon. Prices in euros. */
export interface Treatment {
  slug: string;
  title: string;
  price: number;
  minutes: number;
  summary: string;
  details: string[];
}

export const treatments: readonly Treatment[] = [
  {
    slug: 'glow-facial',
    title: 'Glow facial',
    price: 79,
    minutes: 60,
    summary: 'A gentle enzyme peel, a warm mask and twenty minutes of face massage.',
    details: [
      'We begin with a short talk about your skin and a double cleanse.',
      'An enzyme peel takes off what is dull, without grains and without redness.',
      'Face, neck and shoulder massage while the mask works, then sun protection for the way home.',
    ],
  },
  {
    slug: 'deep-cleanse',
    title: 'Deep cleansing',
    price: 69,
    minutes: 50,
    summary: 'For skin that clogs easily: steam, extraction by hand and a calming gel.',
    details: [
      'Steam and a clay mask open what is blocked.',
      'Extraction by hand, slowly, with a pause whenever you like.',
      'A cooling gel and a plan for the next four weeks at home.',
    ],
  },
  {
    slug: 'hot-stone-massage',
    title: 'Hot stone massage',
    price: 89,
    minutes: 75,
    summary: 'Warm basalt stones and long strokes for a back that has sat too much.',
    details: [
      'Stones at 50 degrees rest along the back while we work on arms and legs.',
      'The pressure is yours to choose: tell us at the start or at any moment.',
      'Tea and ten quiet minutes afterwards.',
    ],
  },
  {
    slug: 'lash-lift',
    title: 'Lash lift and tint',
    price: 59,
    minutes: 45,
    summary: 'Your own lashes, lifted and a shade darker, for six to eight weeks.',
    details: [
      'A patch test the day before keeps surprises away.',
      'The lift itself takes twenty minutes, eyes closed, music of your choice.',
      'No mascara for a day, then everything as usual.',
    ],
  },
  {
    slug: 'gel-manicure',
    title: 'Gel manicure',
    price: 45,
    minutes: 50,
    summary: 'Shape, cuticles and a colour that stays three weeks.',
    details: [
      'We take off old gel without a drill wherever we can.',
      'Sixty colours, four of them new every season.',
      'A free repair in the first week.',
    ],
  },
  {
    slug: 'bridal-make-up',
    title: 'Bridal make-up with a trial',
    price: 240,
    minutes: 150,
    summary: 'A trial weeks before and the real one on the day, in the salon or where you get ready.',
    details: [
      'At the trial we try two looks and take photographs in daylight.',
      'On the day we plan in an extra half hour, because something always happens.',
      'Mothers, sisters and friends can be added up to a week before.',
    ],
  },
];

/** The treatment of this slug, or undefined. */
export function findTreatment(slug: string | undefined): Treatment | undefined {
  return treatments.find((treatment) => treatment.slug === slug);
}
