import { safely } from './safely.ts';

/**
 * Does something with `localStorage`; undefined where there is none.
 *
 * TRICKY: its mere mention throws in a sandboxed frame and where the visitor blocks site data
 * (https://github.com/plausible/analytics/issues/1225, https://github.com/umami-software/umami/issues/2971), and writing throws
 * where it is full. An id then lives as long as the page.
 */
export const inStorage = safely((run: (storage: Storage) => unknown) => run(localStorage));
