import { describe, expect, test } from 'vitest';
import { toOwnWords } from '../../collector/ingest/overheard.ts';
import { openDoor, view } from './door.ts';

describe('what a page tells another tool', () => {
  test.each([
    ['purchase', 'purchase'],
    ['begin_checkout', 'begin_checkout'],
    ['Order Completed', 'purchase'],
    ['Product Added', 'add_to_cart'],
    ['Checkout Started', 'begin_checkout'],
    ['Signed Up', 'sign_up'],
    ['addToCart', 'add_to_cart'],
    ['dl_add_to_cart', 'add_to_cart'],
    ['gtm4wp.addProductToCartEEC', 'add_to_cart'],
    ['gtm4wp.orderCompletedGA4', 'purchase'],
    ['Quiz Finished', 'Quiz Finished'],
  ])('"%s" is "%s"', (said, own) => {
    expect(toOwnWords(said, {})?.name).toBe(own);
  });

  test("an order of Segment has the names, the money and the number of Google Analytics'", () => {
    expect(
      toOwnWords('Order Completed', { order_id: 1001, revenue: 25, total: 30, currency: 'USD', coupon: 'MAY' }),
    ).toEqual({
      name: 'purchase',
      props: { transaction_id: '1001', value: 25, currency: 'USD', coupon: 'MAY' },
      order: '1001',
    });
  });

  test('a product that is added is worth its price times how many', () => {
    // 3 × 12.50
    expect(toOwnWords('Product Added', { sku: 'mug', price: 12.5, quantity: 3 })?.props).toEqual({
      price: 12.5,
      quantity: 3,
      value: 37.5,
      item_id: 'mug',
    });
  });

  test('only what ends an order is once per order: its steps may come again', () => {
    expect(toOwnWords('add_payment_info', { transaction_id: '7' })?.order).toBe('');
    expect(toOwnWords('refund', { transaction_id: '7' })?.order).toBe('7');
  });
});

test('a purchase told to two tools, and again when the page is loaded again, is one event with its money', async () => {
  const door = await openDoor();
  const ga4 = { name: 'purchase', via: 'ga4', props: { transaction_id: 'T-9', value: 49.9, currency: 'CHF' } };
  const segment = {
    name: 'Order Completed',
    via: 'segment',
    props: { order_id: 'T-9', revenue: 49.9, currency: 'CHF' },
  };
  const first = await door.send({
    events: [view('/thanks'), { ...ga4, seq: 1, age: 0 }, { ...segment, seq: 2, age: 0 }],
  });
  const again = await door.send({ page: 'page-2', events: [view('/thanks'), { ...ga4, seq: 1, age: 0 }] });
  expect([first.dropped, again.dropped]).toEqual(['duplicate', 'duplicate']);
  const bought = door.rows.filter(({ name }) => name === 'purchase');
  expect(bought.map(({ value, currency, props }) => [value, currency, props])).toEqual([
    [49.9, 'CHF', { transaction_id: 'T-9' }],
  ]);
});

test('what Telltale counts itself is not counted again, and the live list says why', async () => {
  const door = await openDoor();
  const names = ['page_view', 'scroll', 'form_start', 'file_download', 'user_engagement', 'sign_up'];
  const events = names.map((name, index) => ({ name, via: 'ga4', seq: index + 1, age: 0 }));
  await door.send({ events: [view('/'), ...events] });
  expect(door.rows.map(({ name }) => name)).toEqual(['pageview', 'sign_up']);
  expect(door.live().find(({ name }) => name === 'scroll')?.dropped).toEqual({
    reason: 'duplicate',
    detail: 'Telltale counts "scroll" itself.',
  });
});

test('the same name without a tool is the own event of the page and stays as it is', async () => {
  const door = await openDoor();
  await door.send({ events: [view('/thanks'), { name: 'Order Completed', seq: 1, age: 0, props: { order_id: '1' } }] });
  expect(door.rows.map(({ id, name }) => [id, name])).toEqual([
    ['page-1.0', 'pageview'],
    ['page-1.1', 'Order Completed'],
  ]);
});
