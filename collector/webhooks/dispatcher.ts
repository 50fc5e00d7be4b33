import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { State } from '../state/database.ts';
import type { DeliveryRow } from '../state/deliveries.ts';
import { createAddressGuard } from './address-guard.ts';
import { attemptDelivery } from './attempt.ts';
import { claimDue, markBeingSent } from './outbox.ts';
import { createPayloadTemplates } from './template.ts';

export interface DispatcherDependencies {
  state: State;
  now: () => number;
  log: Logger;
  /** CIDRs that webhooks may reach although they are private. */
  allow: readonly string[];
  /** Asked before each attempt at `abandonment.created`. `unknown`: the event database does not answer. */
  isStillAbandoned: (caseId: string) => Promise<'yes' | 'no' | 'unknown'>;
  /** 0–1, as Math.random: spreads the retries. */
  random: () => number;
  metrics?: Pick<Metrics, 'deliveries' | 'deliveryAttempts'>;
  /** Of one attempt; 15 s where absent. */
  deadlineMs?: number;
}

export interface Dispatcher {
  /** Looks for due messages every second. */
  start(): void;
  /** Takes no new message and waits for those under way. */
  stop(): Promise<void>;
  /** Sends what is due, one message for each endpoint, and answers how many were taken up. */
  runOnce(): Promise<number>;
}

/** Requests under way at once, over all endpoints. Each endpoint has at most one, so a slow receiver delays nobody else. */
const maxConcurrent = 20;
/** Longer than the check and the attempt together can take. */
const leaseMs = 60_000;
const postponeMs = 15_000;
const pollMs = 1_000;

export function createDispatcher(deps: DispatcherDependencies): Dispatcher {
  const { state, now, log, isStillAbandoned } = deps;
  const guard = createAddressGuard(deps.allow);
  const attemptDeps = { ...deps, guard, templates: createPayloadTemplates() };
  /** Endpoint id → the message on its way there. */
  const underWay = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  /** TRICKY: claims one after the other; two at once would both see the same endpoint idle. */
  let claiming: Promise<unknown> = Promise.resolve();
  const takeUp = (): Promise<Promise<void>[]> => {
    const next = claiming.then(async () => {
      if (isStopped) return [];
      const nowMs = now();
      const claimed = await claimDue(state.db, {
        nowMs,
        leaseUntilMs: nowMs + leaseMs,
        limit: maxConcurrent - underWay.size,
        busyEndpoints: [...underWay.keys()],
      });
      return claimed.map((delivery) => {
        const sending = handle(delivery)
          .catch((error: unknown) => log.error({ err: error, delivery: delivery.id }, 'a webhook could not be handled'))
          .finally(() => {
            underWay.delete(delivery.endpoint_id);
            // The endpoint is free: its next message need not wait for the next second.
            if (timer) wake();
          });
        underWay.set(delivery.endpoint_id, sending);
        return sending;
      });
    });
    claiming = next.catch(() => undefined);
    return next;
  };

  const wake = () => {
    takeUp().catch((error: unknown) => log.error({ err: error }, 'due webhooks could not be read'));
  };

  const handle = async (delivery: DeliveryRow): Promise<void> => {
    const endpoint = await state.db
      .selectFrom('endpoints')
      .selectAll()
      .where('id', '=', delivery.endpoint_id)
      .where('enabled', '=', 1)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (!endpoint) return cancel(delivery, 'The endpoint is off.');

    if (delivery.type === 'abandonment.created' && delivery.case_id) {
      const answer = await isStillAbandoned(delivery.case_id).catch((error: unknown) => {
        log.warn({ err: error, delivery: delivery.id }, 'whether a case is still abandoned could not be checked');
        return 'unknown' as const;
      });
      if (answer === 'no') return cancel(delivery, 'No longer abandoned when it was about to be sent.');
      if (answer === 'unknown') return postpone(delivery);
    }
    if (!(await markBeingSent(state.db, delivery.id))) return;
    const attempt = await attemptDelivery(attemptDeps, delivery, { endpoint, retries: true });
    log.info(
      { delivery: delivery.id, endpoint: endpoint.id, status: attempt.status, ms: attempt.ms, error: attempt.error },
      'webhook attempt',
    );
  };

  const cancel = async (delivery: DeliveryRow, note: string): Promise<void> => {
    await state.db
      .updateTable('deliveries')
      .set({ state: 'cancelled', state_note: note, lease_until_ms: 0 })
      .where('id', '=', delivery.id)
      .where('state', '=', 'pending')
      .execute();
    deps.metrics?.deliveries.inc({ state: 'cancelled' });
  };

  /** No attempt is counted: the receiver has done nothing wrong. */
  const postpone = async (delivery: DeliveryRow): Promise<void> => {
    await state.db
      .updateTable('deliveries')
      .set({
        next_at_ms: now() + postponeMs,
        lease_until_ms: 0,
        state_note: 'Waits for the event database, to be sure that nothing has been completed.',
      })
      .where('id', '=', delivery.id)
      .where('state', '=', 'pending')
      .execute();
  };

  return {
    start() {
      if (timer) return;
      timer = setInterval(wake, pollMs);
      timer.unref();
      wake();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      timer = undefined;
      await claiming;
      await Promise.allSettled(underWay.values());
    },
    async runOnce() {
      const taken = await takeUp();
      await Promise.all(taken);
      return taken.length;
    },
  };
}
