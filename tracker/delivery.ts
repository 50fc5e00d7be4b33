import type { AddHit } from './debug-log.ts';
import { listen } from './listen.ts';
import { retryDelayMs } from './retry-delay.ts';
import { safely } from './safely.ts';
import { type Sender, takeBatch, type Waiting } from './to-batch.ts';
import { createTransport } from './transport.ts';

/** Events of one moment go together, and a page has this long to set its title. Leaving sends at once, so nothing is lost by it. */
const gatherMs = 250;
/** So many waiting events do not gather any longer. */
const fullBatch = 50;
/** The oldest are given up beyond this. */
const longestQueue = 200;
/** After so many failures in a row (two minutes) only new events, coming online and leaving are reasons to try again. */
const patientFailures = 6;

export interface Delivery {
  _add: (waiting: Waiting) => void;
  /** Sends soon. */
  _wake: () => void;
  /** Sends all at once, past gathering and back-off. `gone`: the page is being left. */
  _leave: (gone: boolean) => void;
  _clear: () => void;
}

/**
 * One request at a time, in order. What was not taken goes back to the head of the queue and is sent again with the same ids, which
 * makes the repeat safe.
 */
export function createDelivery(options: {
  _endpoint: string;
  /** Who sends, at this moment; undefined: nothing may be sent now. */
  _sender: () => Sender | undefined;
  /** Last moment to complete the events of this page view. */
  _beforeSend: (view: Waiting['_view']) => void;
  _addHit: AddHit;
}): Delivery {
  const post = createTransport(options._endpoint);
  let queue: Waiting[] = [];
  let inFlight = 0;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const wake = (ms = gatherMs) => {
    clearTimeout(timer);
    timer = setTimeout(safely(flush), ms);
  };
  const flush = (leaving?: boolean, gone = false) => {
    const sender = options._sender();
    const from = queue;
    while (sender && from[0] && (leaving || !inFlight)) {
      options._beforeSend(from[0]._view);
      const { _taken, _body } = takeBatch(from, sender);
      const hit = options._addHit(_taken.map(({ _event }) => _event.name).join(), 'sent');
      inFlight++;
      post(_body, gone).then(({ _retry, _words }) => {
        inFlight--;
        hit.answer = _words;
        // After a reset this is a queue that nobody sends any more.
        if (_retry) from.unshift(..._taken);
        failures = _retry && failures < patientFailures ? failures + 1 : 0;
        if (failures) wake(retryDelayMs(failures, Math.random()));
        else if (!_retry) wake();
      });
    }
  };

  listen('online', () => wake());
  return {
    _add(waiting) {
      if (queue.push(waiting) > longestQueue) queue.shift();
      if (!failures) wake(queue.length < fullBatch ? gatherMs : 0);
    },
    _wake: wake,
    _leave: (gone) => flush(true, gone),
    _clear() {
      queue = [];
    },
  };
}
