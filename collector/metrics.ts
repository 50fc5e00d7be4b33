import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CaseState, DeliveryState, DropReason } from './contract/names.ts';

/** Everything `/metrics` shows. A label's values come from a closed set or from the installation's own sites: never from a request. */
export type Metrics = ReturnType<typeof createMetrics>;

/** What is shown of the spool; fields as in its status. */
interface SpoolState {
  pendingRows: number;
  pendingBytes: number;
  oldestPendingAt: number | null;
  shippedThrough: number;
  trouble: { since: number } | null;
  retainedBytes: number;
  full: boolean;
  roomBytes: number | null;
  tornTails: number;
  damagedRows: number;
  missingSegments: number;
  quarantinedRows: number;
}

/** Upper bounds in seconds: the promises are 5 ms for the door and 1 s for a question. */
const requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `processMetrics` adds CPU, memory and event loop of this process; they start a timer, so only a server asks for them. */
export function createMetrics(options: { processMetrics?: boolean } = {}) {
  const registry = new Registry();
  const registers = [registry];
  if (options.processMetrics) collectDefaultMetrics({ register: registry });

  const counter = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter<Label>({ name: `telltale_${name}`, help, labelNames, registers });
  /** `collect` is asked for the value whenever somebody looks. */
  const gauge = (name: string, help: string, collect?: () => number) =>
    new Gauge({
      name: `telltale_${name}`,
      help,
      registers,
      ...(collect
        ? {
            collect() {
              this.set(collect());
            },
          }
        : {}),
    });
  const histogram = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Histogram<Label>({ name: `telltale_${name}`, help, labelNames, buckets: requestSeconds, registers });

  return {
    registry,
    /** Label: public id of the site. */
    accepted: counter('events_accepted_total', 'Events that were kept.', ['site']),
    dropped: counter('events_dropped_total', 'Events that were not kept, by reason.', [
      'reason',
    ]) as Counter<'reason'> & {
      inc(labels: { reason: DropReason }, value?: number): void;
    },
    /** Label scope: `address` or `site`. */
    rateLimited: counter('rate_limited_total', 'Beacons refused because their address or site sends too many.', [
      'scope',
    ]),
    proxyHeadersIgnored: counter(
      'proxy_headers_ignored_total',
      'Beacons with X-Forwarded-For while no proxy is trusted: see TELLTALE_TRUST_PROXY.',
    ),
    connections: gauge('connections', 'Connections that are open.'),
    /** Label limit: `total` or `address`. */
    connectionsRefused: counter('connections_refused_total', 'Connections closed as they came, by the limit reached.', [
      'limit',
    ]),
    requestsUnreadable: counter('requests_unreadable_total', 'Requests that ended before they could be read.', ['why']),
    spoolRows: counter('spool_rows_total', 'Rows written to the spool.'),
    spoolBytes: counter('spool_bytes_total', 'Bytes written to the spool.'),
    spoolSyncSeconds: histogram('spool_sync_seconds', 'Time to bring one group of rows to the disk.'),
    spoolRefused: counter('spool_refused_total', 'Appends refused because the disk is nearly full.'),
    shippedRows: counter('shipped_rows_total', 'Rows that ClickHouse has taken.'),
    shippedSegments: counter('shipped_segments_total', 'Segments that ClickHouse has taken.'),
    shipFailures: counter('shipped_failures_total', 'Attempts to ship a segment that failed and will be repeated.'),
    cases: counter('cases_total', 'Cases that entered a state.', ['state']) as Counter<'state'> & {
      inc(labels: { state: CaseState }, value?: number): void;
    },
    deliveries: counter('deliveries_total', 'Webhook messages that entered a state.', ['state']) as Counter<'state'> & {
      inc(labels: { state: DeliveryState }, value?: number): void;
    },
    deliveryAttempts: counter('delivery_attempts_total', 'Attempts to deliver a webhook message.', ['result']),
    detectionSeconds: histogram('detection_seconds', 'Time of one detection run.'),
    /** Label route: the pattern (`/api/v1/sites/:site`), never the address. */
    httpSeconds: histogram('http_request_seconds', 'Time to answer a request.', ['method', 'route', 'status']),
    /** Label name: the question. */
    querySeconds: histogram('query_seconds', 'Time of a question to ClickHouse.', ['name']),
    /** Shows the state of the spool, asked for whenever somebody looks. */
    watchSpool(status: () => SpoolState, now: () => number) {
      const spoolGauge = (name: string, help: string, value: (state: SpoolState) => number) =>
        gauge(name, help, () => value(status()));
      spoolGauge('spool_pending_rows', 'Rows on disk that are not in ClickHouse yet.', (s) => s.pendingRows);
      spoolGauge('spool_pending_bytes', 'Bytes on disk that are not in ClickHouse yet.', (s) => s.pendingBytes);
      spoolGauge('spool_oldest_age_seconds', 'Time since the oldest of them arrived; 0 when there is none.', (s) =>
        s.oldestPendingAt === null ? 0 : Math.max(0, now() - s.oldestPendingAt) / 1000,
      );
      spoolGauge('spool_retained_bytes', 'Bytes kept of what ClickHouse has.', (s) => s.retainedBytes);
      spoolGauge('spool_room_bytes', 'Free bytes above the reserve of the disk.', (s) => s.roomBytes ?? Number.NaN);
      spoolGauge('spool_full', '1 while new events are refused for want of space.', (s) => Number(s.full));
      spoolGauge(
        'spool_torn_tails',
        'Unfinished writes, never acknowledged, cut off at the start.',
        (s) => s.tornTails,
      );
      spoolGauge('spool_damaged_rows', 'Rows that did not match their checksum at the start.', (s) => s.damagedRows);
      spoolGauge('spool_missing_segments', 'Segments whose file is gone.', (s) => s.missingSegments);
      spoolGauge('spool_quarantined_rows', 'Rows set aside with the reason.', (s) => s.quarantinedRows);
      spoolGauge(
        'shipped_through_seconds',
        'Server time up to which every event is in ClickHouse, Unix seconds.',
        (s) => s.shippedThrough / 1000,
      );
      spoolGauge(
        'ship_lag_seconds',
        'How far ClickHouse is behind.',
        (s) => Math.max(0, now() - s.shippedThrough) / 1000,
      );
      spoolGauge('ship_failing_seconds', 'Time since ClickHouse last took anything; 0 while it does.', (s) =>
        s.trouble === null ? 0 : Math.max(0, now() - s.trouble.since) / 1000,
      );
    },
  };
}
