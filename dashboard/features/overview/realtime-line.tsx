import { useQuery } from '@tanstack/react-query';
import { realtimeQuery } from '../../api/queries.ts';
import { plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import classes from './overview.module.css';

/** "3 visitors now": the last five minutes. Quiet where it cannot be known. */
export function RealtimeLine() {
  const site = useSite();
  const { data } = useQuery(realtimeQuery(site.id));
  const count = data?.visitors ?? 0;
  return (
    <span className={classes.live} aria-live="polite" title="Visitors of the last 5 minutes">
      <span className={classes.dot} data-on={count > 0 || undefined} />
      {data ? `${plural(count, 'visitor')} now` : 'Looking who is here…'}
    </span>
  );
}
