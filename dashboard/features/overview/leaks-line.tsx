import { Table } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { caseSummaryQuery } from '../../api/queries.ts';
import { formatCount, formatDay, formatMoney, plural } from '../../format.ts';
import { useQuestion } from '../../shell/use-question.ts';
import { useSite } from '../../shell/use-site.ts';
import { Hint } from '../../ui/hint.tsx';
import { Wide } from '../../ui/wide.tsx';
import classes from './leaks-line.module.css';
import { caseFigures, sparkline } from './leaks-line-data.ts';

/** What became of the intents of the range; each number opens its list. Nothing while there is no case. */
export function LeaksLine() {
  const site = useSite();
  const { range } = useQuestion();
  const { data } = useQuery(caseSummaryQuery(site.id, range));
  if (!data || data.abandoned + data.waiting === 0) return null;
  const money = (value: number) => formatMoney(Math.round(value), data.currency) ?? '';
  return (
    <section className={classes.line} aria-label="Leads that leaked">
      <div className={classes.figures}>
        {caseFigures.map(({ field, words, help, reached }) => {
          const text = field === 'recoveredValue' ? money(data[field]) : formatCount(data[field]);
          return (
            <div key={field} className={classes.figure}>
              <Link to="/sites/$site/leaks" params={{ site: site.id }} search={{ part: 'cases', reached }}>
                <b>{text}</b> <span>{words}</span>
              </Link>
              <span>
                <Hint about={words}>{help}</Hint>
              </span>
              <svg viewBox="0 0 100 100" preserveAspectRatio="none" data-field={field} aria-hidden="true">
                <polyline points={sparkline(data.trend.map((day) => day[field]))} />
              </svg>
            </div>
          );
        })}
      </div>
      <details className={classes.twin}>
        <summary>By day</summary>
        {data.otherCurrencies > 0 ? (
          <p>{plural(data.otherCurrencies, 'case')} with money in another currency are not part of the sum.</p>
        ) : null}
        <Wide label="Abandonments by day">
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Day</Table.Th>
                {caseFigures.map(({ field, words }) => (
                  <Table.Th key={field} ta="right">
                    {words}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {data.trend.toReversed().map((day) => (
                <Table.Tr key={day.on}>
                  <Table.Td>{formatDay(day.on)}</Table.Td>
                  {caseFigures.map(({ field }) => (
                    <Table.Td key={field} ta="right">
                      {field === 'recoveredValue' ? money(day[field]) : formatCount(day[field])}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      </details>
    </section>
  );
}
