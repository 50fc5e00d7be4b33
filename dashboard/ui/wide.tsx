import type { ReactNode } from 'react';
import classes from './wide.module.css';

/** Lets a wide table scroll inside itself, so that the page never scrolls sideways. */
export function Wide({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard (WCAG 2.1.1).
    <section className={classes.wide} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
