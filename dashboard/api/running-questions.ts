/** A question that has been asked and not answered yet. */
export interface RunningQuestion {
  /** Sent as `x-query-id`. */
  id: string;
  /** Public id of the site. */
  site: string;
  startedAt: number;
}

/** The questions under way in this window, for whoever wants to show them. */
export interface RunningQuestions {
  add(question: RunningQuestion): void;
  remove(id: string): void;
  /** The same array until something changes. */
  list(): readonly RunningQuestion[];
  subscribe(listener: () => void): () => void;
}

export function createRunningQuestions(): RunningQuestions {
  let running: readonly RunningQuestion[] = [];
  const listeners = new Set<() => void>();
  const change = (next: readonly RunningQuestion[]) => {
    running = next;
    for (const listener of listeners) listener();
  };
  return {
    add: (question) => change([...running, question]),
    remove: (id) => change(running.filter((one) => one.id !== id)),
    list: () => running,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A random UUID. TRICKY: `crypto.randomUUID` exists only on https and localhost, `getRandomValues` everywhere. */
export function toQueryId(random: Uint8Array): string {
  const hex = [...random.slice(0, 16)].map((byte, index) => {
    // Version 4, variant 1: RFC 9562, 5.4.
    const value = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return value.toString(16).padStart(2, '0');
  });
  const part = (from: number, to: number) => hex.slice(from, to).join('');
  return `${part(0, 4)}-${part(4, 6)}-${part(6, 8)}-${part(8, 10)}-${part(10, 16)}`;
}
