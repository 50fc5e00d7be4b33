/** Where the salon's pages are. The history, the live visitors, the rules and the pages themselves all take them from here. */
export const salonPaths = {
  home: '/demo/salon',
  treatments: '/demo/salon/treatments',
  treatment: (slug: string) => `/demo/salon/treatments/${slug}`,
  prices: '/demo/salon/prices',
  about: '/demo/salon/about',
  contact: '/demo/salon/contact',
  sent: '/demo/salon/contact/sent',
  book: '/demo/salon/book',
  bookTime: '/demo/salon/book/time',
  bookDetails: '/demo/salon/book/details',
  bookThanks: '/demo/salon/book/thanks',
  /** The spring campaign's button points here, and here is nothing: a leak planted on purpose. */
  springOffer: '/demo/salon/spring-offer',
} as const;
