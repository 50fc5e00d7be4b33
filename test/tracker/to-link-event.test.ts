import { expect, test } from 'vitest';
import { toLinkEvent } from '../../tracker/intents/to-link-event.ts';

const click = (href: string, isDownload = false) =>
  toLinkEvent({ address: new URL(href, 'https://www.shop.example/'), ownHost: 'www.shop.example', isDownload });

test.each([
  ['https://book.example/treatments?who=ana#times', 'book.example/treatments'],
  ['//book.example', 'book.example/'],
  ['https://booking.shop.example/', 'booking.shop.example/'],
  // Words like "me" and "tel" in other places mean nothing.
  ['https://about.me/ana', 'about.me/ana'],
  ['https://hotel.example/wa.me/', 'hotel.example/wa.me/'],
])('%s leads out of the site', (href, url) => {
  expect(click(href)).toEqual(['outbound', 'outbound_click', { url }]);
});

test.each([
  '/prices',
  '?page=2',
  '#top',
  'https://shop.example/prices',
  'http://www.shop.example/',
  'javascript:open()',
])('%s stays on the site', (href) => {
  expect(click(href)).toBeUndefined();
});

test.each([
  ['/menu.pdf?session=1', 'www.shop.example/menu.pdf'],
  ['https://files.example/Price-List.XLSX', 'files.example/Price-List.XLSX'],
])('%s is a file', (href, url) => {
  expect(click(href)).toEqual(['downloads', 'file_download', { url }]);
});

test('of a file that a page made itself only that is told: its address is its content', () => {
  expect(click('data:text/csv,ana@example.com', true)).toEqual(['downloads', 'file_download', { url: 'data:' }]);
  expect(click('/report', true)?.[2]).toEqual({ url: 'www.shop.example/report' });
});

test.each([
  ['tel:+43123', 'tel:'],
  ['MAILTO:us@shop.example', 'mailto:'],
  ['sms:+43123', 'sms:'],
  ['viber://chat?number=43123', 'viber:'],
  ['facetime-audio:us@shop.example', 'facetime-audio:'],
  ['https://wa.me/43123', 'wa.me'],
  ['https://api.whatsapp.com/send?phone=43123', 'api.whatsapp.com'],
  ['https://t.me/shop', 't.me'],
  ['https://m.me/shop', 'm.me'],
])('%s is a contact, whose number or name is not told', (href, kind) => {
  expect(click(href)).toEqual(['contacts', 'contact_click', { kind }]);
});
