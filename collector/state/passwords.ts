import { hash, verify } from '@node-rs/argon2';
import { AppError } from '../errors.ts';

/** OWASP's first choice for argon2id: 19 MiB, two passes, one thread. Both are the library's variant default, stated all the same. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** The hash of 32 random bytes that nobody has kept: what the password of an unknown user is compared with, at the same cost. */
const decoy = '$argon2id$v=19$m=19456,t=2,p=1$zTFNvrMAVQcRlPbNiOyzow$Q/KdTSEbUSETIaiTYNmrJ0cbJLbsenXvyVrxMT2c/yQ';

/** Each hash takes 19 MiB and a thread of the pool that also writes the spool, so two at a time. */
const atOnce = 2;
/** Whoever would wait behind more than this is asked to come back: about two seconds of work. */
const longestQueue = 50;

/** Hashes and checks passwords, a few at a time. */
export interface Passwords {
  hash(password: string): Promise<string>;
  /** `stored` null (no such user) takes as long and is always false, so that the time does not tell who has an account. */
  verify(stored: string | null, password: string): Promise<boolean>;
}

export function createPasswords(): Passwords {
  let running = 0;
  const waiting: (() => void)[] = [];

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting.length >= longestQueue) throw new AppError('too_many_requests', { retryAfterSeconds: 5 });
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place goes to the next in the queue, or is given back.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };

  return {
    hash: (password) => inTurn(() => hash(password, cost)),
    verify: (stored, password) => inTurn(() => verify(stored ?? decoy, password)),
  };
}
