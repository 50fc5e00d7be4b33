import * as z from 'zod';
import { limits } from './limits.ts';
import { type Channel, type DropReason, overheardTools } from './names.ts';

/** Flat properties of an event. `value` + `currency` are money. Nested values are refused. */
export const props = z.record(
  z.string().min(1).max(limits.propKeyLength),
  z.union([z.string().max(limits.propValueLength), z.number(), z.boolean()]),
);
export type Props = z.infer<typeof props>;

/** What `identify` may carry. The named fields find or make the lead, the rest are traits. */
export const identity = z
  .object({
    email: z.string().max(254).optional(),
    phone: z.string().max(40).optional(),
    name: z.string().max(200).optional(),
    company: z.string().max(200).optional(),
    id: z.string().max(200).optional(),
    /** `true`: typed into a form with `data-tt-lead="partial"` that was not sent yet. `false`: that form was sent. */
    incomplete: z.boolean().optional(),
  })
  .catchall(z.union([z.string().max(limits.propValueLength), z.number(), z.boolean()]));
export type Identity = z.infer<typeof identity>;

/** One event as the tracker sends it. */
export const wireEvent = z.object({
  /** Unique, ≤ 64 characters. May be left out where the batch has `page`: then it is `page.seq`. */
  id: z.string().min(1).max(limits.idLength).optional(),
  /** Counts up within a page view; orders events of one millisecond. */
  seq: z.int().min(0).max(1_000_000).optional(),
  /** Client clock, milliseconds since 1970. May be left out where `age` is given. */
  at: z.number().optional(),
  /** Milliseconds before `sent`, recomputed at every send. */
  age: z.number().min(0).optional(),
  name: z.string().min(1).max(limits.nameLength),
  /** Page URL. May be left out on events after the first of a batch. */
  url: z.string().max(limits.urlLength).optional(),
  ref: z.string().max(limits.urlLength).optional(),
  title: z.string().max(limits.titleLength).optional(),
  props: props.optional(),
  /** Only on `identify`: goes to the lead ledger, never into the event store. */
  identity: identity.optional(),
  /**
   * What the page told another tool and the tracker overheard, in that tool's words: name and properties are translated. `ga4`:
   * `dataLayer` and `gtag`. `segment`: `analytics.track`.
   */
  via: z.enum(overheardTools).optional(),
});
export type WireEvent = z.infer<typeof wireEvent>;

/** Body of `POST /e`. */
export const wireBatch = z.object({
  v: z.literal(1),
  site: z.string().min(1).max(limits.idLength),
  /** Client clock at the moment of sending; the difference to the server's clock corrects `at`. */
  sent: z.number().optional(),
  /** Persistent id, only with consent. Absent: a daily cookieless id is derived. */
  visitor: z.string().min(1).max(limits.idLength).optional(),
  /** Id of this page view. */
  page: z.string().min(1).max(limits.idLength).optional(),
  /** What the page knows of consent. `denied` is dropped here even if the page sent it by mistake. */
  consent: z.enum(['granted', 'denied']).optional(),
  /** Checked one by one, so that one bad event does not cost the others. */
  events: z.array(z.unknown()).min(1).max(limits.beaconEvents),
});
export type WireBatch = Omit<z.infer<typeof wireBatch>, 'events'> & { events: WireEvent[] };

/** One event of `POST /api/v1/sites/SITE/events`, of `import` and of `export`. */
export const serverEvent = z.object({
  id: z.string().min(1).max(limits.idLength).optional(),
  seq: z.int().min(0).max(1_000_000).optional(),
  name: z.string().min(1).max(limits.nameLength),
  /** ISO 8601 or milliseconds. Any time in the past; absent: now. */
  at: z.union([z.string(), z.number()]).optional(),
  visitor: z.string().min(1).max(limits.idLength).optional(),
  /** Lead id or e-mail address of a lead. */
  lead: z.string().min(1).max(254).optional(),
  url: z.string().max(limits.urlLength).optional(),
  ref: z.string().max(limits.urlLength).optional(),
  title: z.string().max(limits.titleLength).optional(),
  props: props.optional(),
  channel: z.string().max(40).optional(),
  /** Used for the country and the cookieless visitor, then forgotten. */
  ip: z.string().max(64).optional(),
  userAgent: z.string().max(2_048).optional(),
});
export type ServerEvent = z.infer<typeof serverEvent>;

/** An event of a server that names a lead. */
export interface NamedEvent {
  id: string;
  name: string;
  atMs: number;
  /** What the server calls the lead: our id, an e-mail address, a telephone, or an id of its own. */
  lead: string;
  visitorId: string;
  /** Of a touch. */
  channel?: Channel;
  props: Props;
}

export const serverBatch = z.object({ events: z.array(z.unknown()).min(1).max(limits.serverBatchEvents) });

/** Answer of both ingest routes. `accepted` events are durable. */
export interface IngestAnswer {
  accepted: number;
  dropped: { index: number; reason: DropReason; detail?: string }[];
}
