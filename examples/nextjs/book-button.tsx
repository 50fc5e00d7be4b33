'use client';

import { telltale } from 'telltale/tracker';

/** Events from code; before the tracker has started they wait for it. */
export function BookButton({ treatment, price }: { treatment: string; price: number }) {
  const book = () => telltale('track', 'booking_start', { treatment, value: price, currency: 'EUR' });
  return (
    <button type="button" onClick={book}>
      Book {treatment}
    </button>
  );
}
