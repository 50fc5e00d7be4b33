/** The mark: a pipe, and the drip that tells. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <path d="M3 9h11a8 8 0 0 1 8 8v2" stroke="var(--tt-accent-mark)" strokeWidth="5" />
      <path d="M17.5 19h9" stroke="var(--tt-accent-mark)" strokeWidth="3" strokeLinecap="round" />
      <path d="M22 22.5c2 2.4 2.9 3.8 2.9 5a2.9 2.9 0 0 1-5.8 0c0-1.2.9-2.6 2.9-5z" fill="var(--tt-leak-mark)" />
    </svg>
  );
}
