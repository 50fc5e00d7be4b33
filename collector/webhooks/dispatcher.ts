import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { State } from '../state/database.ts';
import type { DeliveryRow } from '../state/deliveries.ts';
import { createGroupedWrites } from '../state/grouped-writes.ts';
import { endpointInUse } from '../state/usable-endpoints.ts';
import { createAddressGuard } from './address-guard.ts';
import { type AttemptDependencies, attemptDelivery, prepareBody } from './attempt.ts';
import {
  cancelUnreachable,
  claimDue,
  type DueEndpoint,
  findDueEndpoints,
  markBeingSent,
  releaseClaims,
} from './outbox.ts';
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
  mailer?: AttemptDependencies['mailer'];
}

export interface Dispatcher {
  /** Looks for due messages twice a second. */
  start(): void;
  /** Takes no new message and waits for those under way. */
  stop(): Promise<void>;
  /** Sends what is due, one message for each endpoint, and answers how many were taken up. */
  runOnce(): Promise<number>;
}

/** Endpoints that are sent to at once. Each gets one request at a time, so a slow receiver delays nobody else. */
const maxLanes = 20;
/** Of these for endpoints whose last attempt failed: many receivers that hang leave room for those that work. */
const maxFailingLanes = 5;
/** Messages that are reserved for an endpoint at once, before the next endpoint that waits gets the place. */
const messagesPerTurn = 8;
/** Longer than the check and the attempt together can take. */
const leaseMs = 60_000;
/** With less than this left of its lease a message is not begun. */
const leastLeaseMs = 30_000;
const postponeMs = 15_000;
const pollMs = 500;

interface Handled {
  /** `stop`: what was reserved behind this message is given back, because the endpoint should rest. */
  next: 'go-on' | 'stop';
  /** Ends when the outcome is on the disk. The next message is marked in the same breath, so the two wait for it together. */
  stored: Promise<unknown>;
}

const nothing = Promise.resolve();

/**
 * Brings due messages to their endpoints. Every endpoint that is sent to has a lane: its messages follow each other there, a few at a
 * turn. A failure ends the turn; what happens next is up to the retry schedule and the breaker.
 */
export function createDispatcher(deps: DispatcherDependencies): Dispatcher {
  const { state, now, log, isStillAbandoned } = deps;
  const write = createGroupedWrites(state.db);
  const attemptDeps: AttemptDependencies = {
    ...deps,
    guard: createAddressGuard(deps.allow),
    templates: createPayloadTemplates(),
    write,
  };
  /** Endpoint id → its lane. */
  const lanes = new Map<string, { isFailing: boolean; done: Promise<number> }>();
  /** Endpoints that wait for a lane, in the order of their turns. */
  let queue: DueEndpoint[] = [];
  const timers = new Set<NodeJS.Timeout>();
  let poll: NodeJS.Timeout | undefined;
  let looking: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  /** Opens lanes for those that wait, as long as there is room. Answers the lanes it opened. */
  const fillLanes = (messages: number): Promise<number>[] => {
    if (isStopped) return [];
    const opened: Promise<number>[] = [];
    const later: DueEndpoint[] = [];
    for (const endpoint of queue) {
      const failing = [...lanes.values()].filter((lane) => lane.isFailing).length;
      const isFull = lanes.size >= maxLanes || (endpoint.isFailing && failing >= maxFailingLanes);
      if (lanes.has(endpoint.id)) continue;
      if (isFull) later.push(endpoint);
      else opened.push(openLane(endpoint, messages));
    }
    queue = later;
    return opened;
  };

  const openLane = ({ id, isFailing }: DueEndpoint, messages: number): Promise<number> => {
    const done = takeTurn(id, messages)
      .catch((error: unknown) => {
        log.error({ err: error, endpoint: id }, 'webhooks could not be sent');
        return 0;
      })
      .then((taken) => {
        lanes.delete(id);
        if (poll && taken > 0) comeBack(id);
        else if (poll) fillLanes(messagesPerTurn);
        return taken;
      });
    lanes.set(id, { isFailing, done });
    return done;
  };

  /**
   * Lets an endpoint have its next turn, behind those that wait already and not before its breaker allows it. Where nothing is left for
   * it, that turn finds it out.
   */
  const comeBack = (id: string) => {
    endpointInUse(state.db, id)
      .then((endpoint) => {
        const restMs = endpoint ? Math.max(0, endpoint.paused_until_ms - now()) : null;
        const enqueue = () => {
          queue.push({ id, isFailing: endpoint !== undefined && endpoint.failures > 0 });
          fillLanes(messagesPerTurn);
        };
        if (restMs === 0) return enqueue();
        // The next poll is soon enough, or it has been switched off.
        if (restMs === null || restMs > pollMs) return fillLanes(messagesPerTurn);
        const timer = setTimeout(() => {
          timers.delete(timer);
          enqueue();
        }, restMs);
        timers.add(timer);
      })
      .catch((error: unknown) => log.error({ err: error, endpoint: id }, 'due webhooks could not be read'));
  };

  /** Sends up to `messages` of an endpoint, one after the other. Answers how many it took up. */
  const takeTurn = async (endpointId: string, messages: number): Promise<number> => {
    const endpoint = await endpointInUse(state.db, endpointId);
    if (!endpoint || endpoint.paused_until_ms > now()) return 0;
    const nowMs = now();
    const leaseUntilMs = nowMs + leaseMs;
    // One at a time to a receiver that has just failed: the next one is sent when this one got through.
    const limit = endpoint.failures > 0 ? 1 : messages;
    const claimed = await write((trx) => claimDue(trx, { endpointId, nowMs, leaseUntilMs, limit }));
    let stored: Promise<unknown> = nothing;
    for (const [index, delivery] of claimed.entries()) {
      const isTooLate = leaseUntilMs - now() < leastLeaseMs;
      if (isStopped || isTooLate) {
        await giveBack(claimed.slice(index));
        await stored;
        return index;
      }
      const before = stored;
      const handled = await handle(delivery).catch((error: unknown): Handled => {
        log.error({ err: error, delivery: delivery.id }, 'a webhook could not be handled');
        return { next: 'stop', stored: nothing };
      });
      await before;
      stored = handled.stored;
      // Awaited below; until then a failure must not count as one that nobody handles.
      stored.catch(() => undefined);
      if (handled.next === 'go-on') continue;
      await stored;
      await giveBack(claimed.slice(index + 1));
      return index + 1;
    }
    await stored;
    return claimed.length;
  };

  const giveBack = async (deliveries: DeliveryRow[]): Promise<void> => {
    if (deliveries.length > 0)
      await write((trx) =>
        releaseClaims(
          trx,
          deliveries.map(({ id }) => id),
        ),
      );
  };

  const handle = async (delivery: DeliveryRow): Promise<Handled> => {
    if (delivery.type === 'abandonment.created' && delivery.case_id) {
      const answer = await isStillAbandoned(delivery.case_id).catch((error: unknown) => {
        log.warn({ err: error, delivery: delivery.id }, 'whether a case is still abandoned could not be checked');
        return 'unknown' as const;
      });
      if (answer === 'no') return takeBack(delivery, 'No longer abandoned when it was about to be sent.');
      if (answer === 'unknown') return postpone(delivery);
    }
    const ready = await write(async (trx) => {
      // Read with the mark: a secret or a template that was changed a moment ago is in this very message.
      const endpoint = await endpointInUse(trx, delivery.endpoint_id);
      if (!endpoint) return 'off';
      const prepared = prepareBody(attemptDeps.templates, { delivery, endpoint });
      const sentBody = 'body' in prepared && prepared.body !== delivery.body ? prepared.body : null;
      return (await markBeingSent(trx, { id: delivery.id, sentBody })) ? { endpoint, prepared } : 'taken-back';
    });
    if (ready === 'off') return takeBack(delivery, 'The endpoint is off.');
    if (ready === 'taken-back') return { next: 'go-on', stored: nothing };
    const { attempt, stored } = await attemptDelivery(attemptDeps, delivery, { ...ready, retries: true });
    log.info(
      {
        delivery: delivery.id,
        endpoint: ready.endpoint.id,
        status: attempt.status,
        ms: attempt.ms,
        error: attempt.error,
      },
      'webhook attempt',
    );
    // After a receiver was down, each success is followed by a rest.
    return { next: attempt.error === null && ready.endpoint.failures === 0 ? 'go-on' : 'stop', stored };
  };

  /** What has arrived once stays delivered: a person wanted it sent again, and that is what does not happen. */
  const takeBack = async (delivery: DeliveryRow, note: string): Promise<Handled> => {
    const arrived = delivery.delivered_at !== null;
    const stored = write((trx) =>
      trx
        .updateTable('deliveries')
        .set({
          state: arrived ? 'delivered' : 'cancelled',
          state_note: arrived ? `Not sent again. ${note}` : note,
          lease_until_ms: 0,
        })
        .where('id', '=', delivery.id)
        .where('state', '=', 'pending')
        .execute(),
    );
    deps.metrics?.deliveries.inc({ state: arrived ? 'delivered' : 'cancelled' });
    return { next: 'go-on', stored };
  };

  /** No attempt is counted: the receiver has done nothing wrong. */
  const postpone = async (delivery: DeliveryRow): Promise<Handled> => {
    const stored = write((trx) =>
      trx
        .updateTable('deliveries')
        .set({
          next_at_ms: now() + postponeMs,
          lease_until_ms: 0,
          state_note: 'Waits for the event database, to be sure that nothing has been completed.',
        })
        .where('id', '=', delivery.id)
        .where('state', '=', 'pending')
        .execute(),
    );
    return { next: 'stop', stored };
  };

  /** Reads who has messages due, and opens lanes for them. One look after the other. */
  const look = (messages: number): Promise<Promise<number>[]> => {
    const next = looking.then(async () => {
      if (isStopped) return [];
      const cancelled = await cancelUnreachable(state.db, now());
      if (cancelled > 0) deps.metrics?.deliveries.inc({ state: 'cancelled' }, cancelled);
      const due = await findDueEndpoints(state.db, now());
      const known = new Set([...queue.map(({ id }) => id), ...lanes.keys()]);
      queue.push(...due.filter(({ id }) => !known.has(id)));
      return fillLanes(messages);
    });
    looking = next.catch(() => undefined);
    return next;
  };

  return {
    start() {
      if (poll) return;
      const lookAgain = () => {
        look(messagesPerTurn).catch((error: unknown) => log.error({ err: error }, 'due webhooks could not be read'));
      };
      poll = setInterval(lookAgain, pollMs);
      poll.unref();
      lookAgain();
    },
    async stop() {
      isStopped = true;
      clearInterval(poll);
      poll = undefined;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      await looking;
      await Promise.allSettled([...lanes.values()].map(({ done }) => done));
    },
    async runOnce() {
      const taken = await Promise.all(await look(1));
      return taken.reduce((sum, count) => sum + count, 0);
    },
  };
}
