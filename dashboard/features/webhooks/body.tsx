import classes from './webhooks.module.css';

/** A request, an answer or a message as text, never as a page. */
export function Body({ children }: { children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard (WCAG 2.1.1).
    <pre className={classes.body} tabIndex={0}>
      {children}
    </pre>
  );
}
