import { useEffect, useRef, useState } from 'react';

const settleMs = 350;

/**
 * A copy of what stands in the URL that can be typed into: changes reach the URL once they settle, and a change of the
 * URL from elsewhere (back button, a saved funnel) reaches the copy at once.
 */
export function useDraft<Value>(value: Value, push: (value: Value) => void): [Value, (value: Value) => void] {
  const [draft, setDraft] = useState(value);
  const known = useRef(JSON.stringify(value));
  const latestPush = useRef(push);
  latestPush.current = push;

  useEffect(() => {
    const text = JSON.stringify(value);
    if (text === known.current) return;
    known.current = text;
    setDraft(value);
  }, [value]);

  useEffect(() => {
    const text = JSON.stringify(draft);
    if (text === known.current) return;
    const timer = setTimeout(() => {
      known.current = text;
      latestPush.current(draft);
    }, settleMs);
    return () => clearTimeout(timer);
  }, [draft]);

  return [draft, setDraft];
}
