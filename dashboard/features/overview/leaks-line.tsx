import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CaseState } from '../../../collector/contract/names.ts';
import { caseCountsQuery } from '../../api/queries.ts';
import { formatCount } from '../../format.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { caseStateHelp } from '../leaks/data.ts';
import classes from './overview.module.css';

const shown: { state: CaseState; words: string }[] = [
  { state: 'waiting', words: 'hesitating' },
  { state: 'abandoned', words: 'abandoned' },
  { state: 'notified', words: 'followed up' },
  { state: 'recovered', words: 'recovered' },
];

/** Cases of the range by state; each number opens its list. Nothing while there has never been a case. */
export function LeaksLine() {
  const site = useSite();
  const { range } = useQuestion();
  const { data } = useQuery(caseCountsQuery(site.id, range));
  if (!data || Object.values(data.states).every((count) => count === 0)) return null;
  return (
    <section className={classes.leaksLine} aria-label="Leads that leaked">
      <span>High-intent visits:</span>
      {shown.map(({ state, words }) => (
        <Link
          key={state}
          to="/sites/$site/leaks"
          params={{ site: site.id }}
          search={{ state }}
          title={caseStateHelp[state]}
        >
          <b>{formatCount(data.states[state])}</b> {words}
        </Link>
      ))}
    </section>
  );
}
