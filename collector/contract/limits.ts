/**
 * Every limit of a public input, in one place. The door enforces them, `/openapi.json` and the docs print them, the tracker and
 * the dashboard import them (the only value they may import from the server).
 */
export const limits = {
  /** Raw body of `POST /e`, bytes. Browsers refuse larger beacons (64 KiB are shared by all keepalive requests of a page). */
  beaconBytes: 64 * 1024,
  /** Events in one `POST /e`. */
  beaconEvents: 50,
  /** Raw body of `POST /api/v1/sites/SITE/events`, bytes. */
  serverBatchBytes: 1024 * 1024,
  /** Events in one server batch. */
  serverBatchEvents: 1_000,
  /** Raw body of every other request, bytes. */
  requestBytes: 256 * 1024,
  /** A photo of a card, bytes. */
  photoBytes: 2 * 1024 * 1024,
  /** A list of leads or touches, bytes. */
  leadListBytes: 8 * 1024 * 1024,
  /** Nesting of any JSON body. Checked on the raw bytes: a deep value parses, but throws when it is written again. */
  jsonDepth: 12,
  /** One event as a JSON row, bytes. */
  eventBytes: 8 * 1024,
  /** Property keys of one event. */
  props: 32,
  propKeyLength: 64,
  propValueLength: 512,
  urlLength: 2_048,
  titleLength: 512,
  nameLength: 120,
  idLength: 64,
  userAgentLength: 512,
  /** How far the client's clock may be off, after correction by `sent`, before the server's time replaces it. */
  clockBehindMs: 24 * 60 * 60 * 1000,
  clockAheadMs: 5 * 60 * 1000,
  /** Steps of one funnel. */
  funnelSteps: 20,
  /** Longest conversion window of a funnel, days. */
  funnelWindowDays: 90,
  /** Longest range one question may ask for, days. */
  rangeDays: 800,
  /** Filters of one question, and values of one filter. */
  filters: 20,
  filterValues: 50,
  /** People that one request may send to an endpoint. */
  sentPeople: 2_000,
  /** Rows of one page of a list. */
  listLimit: 1_000,
  /** Rows of a breakdown. */
  breakdownRows: 500,
  patternLength: 300,
  /** Wildcards in one pattern: a pattern is matched against every row, so its cost is bounded. */
  patternWildcards: 10,
  /** So many days a deleted site can be restored; then its data are erased. */
  deletedSiteDays: 30,
  rulesPerSite: 100,
  endpointsPerSite: 50,
  followUpsPerRule: 5,
  /** One webhook message, bytes (Standard Webhooks asks for less than 20 kB). */
  webhookBytes: 20_000,
  /** A payload template. */
  templateLength: 10_000,
  /** Headers of its own that an endpoint may have. */
  customHeaders: 20,
  headerNameLength: 64,
  headerValueLength: 1_024,
} as const;
