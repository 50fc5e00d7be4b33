import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CaseState, DeliveryState, DropReason } from './contract/names.ts';

/** Everything `/metrics` shows. A label's values come from a closed set or from the installation's own sites: never from a request. */
export type Metrics = ReturnType<typeof createMetrics>;

/** Upper bounds in seconds: the promises are 5 ms for the door and 1 s for a question. */
const requestSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `processMetrics` adds CPU, memory and event loop of this process; they start a timer, so only a server asks for them. */
export function createMetrics(options: { processMetrics?: boolean } = {}) {
  const registry = new Registry();
  const registers = [registry];
  if (options.processMetrics) collectDefaultMetrics({ register: registry });

  const counter = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter<Label>({ name: `telltale_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string) => new Gauge({ name: `telltale_${name}`, help, registers });
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
    spoolRows: counter('spool_rows_total', 'Rows written to the spool.'),
    spoolBytes: counter('spool_bytes_total', 'Bytes written to the spool.'),
    spoolSyncSeconds: histogram('spool_sync_seconds', 'Time to bring one group of rows to the disk.'),
    spoolRefused: counter('spool_refused_total', 'Appends refused because the disk is nearly full.'),
    spoolPendingRows: gauge('spool_pending_rows', 'Rows on disk that are not in ClickHouse yet.'),
    spoolPendingBytes: gauge('spool_pending_bytes', 'Bytes on disk that are not in ClickHouse yet.'),
    shippedRows: counter('shipped_rows_total', 'Rows that ClickHouse has taken.'),
    shippedSegments: counter('shipped_segments_total', 'Segments that ClickHouse has taken.'),
    shipFailures: counter('shipped_failures_total', 'Attempts to ship a segment that failed and will be repeated.'),
    shippedThrough: gauge(
      'shipped_through_seconds',
      'Server time up to which every event is in ClickHouse, Unix seconds.',
    ),
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
  };
}
