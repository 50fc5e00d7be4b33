import type { Props } from '../contract/wire.ts';

/** A call of the page to another tool, in Telltale's words. */
export interface Overheard {
  name: string;
  props: Props;
  /** Number of the order, where it is about one: the same order is one event, however often the page says so. */
  order: string;
}

/**
 * Translates what a page tells Google Analytics (`dataLayer.push`, `gtag`) or Segment (`analytics.track`), so that a shop which does
 * this already has its funnels at once. Names nobody knows stay as they are. Undefined: Telltale counts this itself, or nobody did it.
 */
export function toOwnWords(name: string, props: Props): Overheard | undefined {
  if (counted.test(name)) return undefined;
  // Shopify themes write `dl_purchase`, GTM4WP `gtm4wp.addProductToCartEEC`.
  const plain = name.replace(/^(dl_|gtm4wp\.|eec\.)/, '').replace(/(EEC|GA4)$/, '');
  const { revenue, total, order_id, sku, product_id, ...others } = props;
  const translated = names[plain] ?? names[plain.toLowerCase()] ?? plain;
  const order = String(others.transaction_id ?? order_id ?? '').trim();
  const value = others.value ?? revenue ?? total ?? lineTotal(others);
  const item = others.item_id ?? sku ?? product_id;
  return {
    name: translated,
    props: {
      ...others,
      ...(value !== undefined && { value }),
      ...(order !== '' && { transaction_id: order }),
      ...(item !== undefined && { item_id: item }),
    },
    order: oncePerOrder.has(translated) ? order : '',
  };
}

/** What Telltale's own events say already, and what Google Analytics tells itself: counted once more it would be counted twice. */
const counted =
  /^(page_?view|screen_view|user_engagement|session_start|first_visit|scroll|click|file_download|form_\w+|virtual_?page_?view|loaded a page|viewed .* page)$/i;

/** A page that says "bought" again when it is loaded again, or to two tools, still sold one thing. */
const oncePerOrder = new Set(['purchase', 'refund']);

/**
 * Names of the same meaning: Segment's e-commerce events (https://segment.com/docs/connections/spec/ecommerce/v2/), and what older tags
 * write, as the names of Google Analytics 4 (https://developers.google.com/analytics/devguides/collection/ga4/reference/events).
 */
const names: Record<string, string> = {
  'products searched': 'search',
  'product list viewed': 'view_item_list',
  'promotion viewed': 'view_promotion',
  'promotion clicked': 'select_promotion',
  'product clicked': 'select_item',
  'product viewed': 'view_item',
  'product added': 'add_to_cart',
  'product removed': 'remove_from_cart',
  'product added to wishlist': 'add_to_wishlist',
  'cart viewed': 'view_cart',
  'checkout started': 'begin_checkout',
  'checkout step viewed': 'checkout_step_viewed',
  'checkout step completed': 'checkout_step_completed',
  'payment info entered': 'add_payment_info',
  'order completed': 'purchase',
  'order refunded': 'refund',
  'order cancelled': 'order_cancelled',
  'signed up': 'sign_up',
  'signed in': 'login',
  productdetail: 'view_item',
  productimpression: 'view_item_list',
  productclick: 'select_item',
  addtocart: 'add_to_cart',
  addproducttocart: 'add_to_cart',
  removefromcart: 'remove_from_cart',
  removeproductfromcart: 'remove_from_cart',
  checkout: 'begin_checkout',
  checkoutstep: 'begin_checkout',
  transactioncomplete: 'purchase',
  ordercompleted: 'purchase',
};

/** Segment's product events carry the price of one and how many. */
function lineTotal({ price, quantity = 1 }: Props): number | undefined {
  const total = Number(price) * Number(quantity);
  return price !== undefined && Number.isFinite(total) ? total : undefined;
}
