import { Skeleton, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import type { Balance } from '../../../collector/contract/balance.ts';
import type { LeakReason } from '../../../collector/contract/leads.ts';
import { balanceCheckQuery, balanceQuery } from '../../api/week-queries.ts';
import { formatCount } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import {
  balanceSentence,
  endTerms,
  leakReasonNames,
  sourceTerms,
  type Term,
  termHelp,
  termNames,
  type WeekSearch,
} from './data.ts';
import classes from './week.module.css';

/** In + carried = won + lost + nurture + in progress + leaking. Each number opens its names. */
export function BalancePanel({ week, onOpen }: { week: string; onOpen: (search: WeekSearch) => void }) {
  const site = useSite();
  const balance = useQuery(balanceQuery(site.id, week));
  return (
    <Panel
      title="Where every lead is"
      hint="What came in and what was carried over must be found again on the other side. Press a number to see the names."
    >
      {balance.isError && !balance.data ? (
        <ErrorState error={balance.error} onRetry={() => void balance.refetch()} />
      ) : !balance.data ? (
        <Skeleton height={150} />
      ) : (
        <BalanceLine balance={balance.data} onOpen={onOpen} />
      )}
    </Panel>
  );
}

function BalanceLine({ balance, onOpen }: { balance: Balance; onOpen: (search: WeekSearch) => void }) {
  const terms = (list: readonly Term[]) =>
    list.map((term, index) => (
      <Fragment key={term}>
        {index === 0 ? null : <span className={classes.sign}>+</span>}
        <UnstyledButton
          className={classes.term}
          data-term={term}
          title={termHelp[term]}
          onClick={() => onOpen({ of: term })}
        >
          <span className={classes.number}>{formatCount(balance[term])}</span>
          <span className={classes.name}>{termNames[term]}</span>
        </UnstyledButton>
      </Fragment>
    ));
  const reasons = (Object.keys(leakReasonNames) as LeakReason[]).filter((reason) => balance.leakingBy[reason] > 0);
  return (
    <>
      <div className={classes.line}>
        <div className={classes.side}>{terms(sourceTerms)}</div>
        <span className={classes.equals}>=</span>
        <div className={classes.side}>{terms(endTerms)}</div>
      </div>
      <Check week={balance.week} sentence={balanceSentence(balance)} />
      {reasons.length > 0 ? (
        <div className={classes.reasons}>
          <span>Leaking because:</span>
          {reasons.map((reason) => (
            <UnstyledButton key={reason} className={classes.reason} onClick={() => onOpen({ of: 'leaking', reason })}>
              {leakReasonNames[reason]} <b>{formatCount(balance.leakingBy[reason])}</b>
            </UnstyledButton>
          ))}
        </div>
      ) : null}
    </>
  );
}

/** Whether it adds up, and whether each number has exactly as many names: asked by itself, so that nobody has to believe it. */
function Check({ week, sentence }: { week: string; sentence: string }) {
  const site = useSite();
  const check = useQuery(balanceCheckQuery(site.id, week)).data;
  const agrees = check?.agrees !== false;
  const Icon = agrees ? IconCheck : IconAlertTriangle;
  return (
    <div className={classes.check} data-wrong={!agrees || undefined}>
      <Icon size={17} aria-hidden="true" />
      <Text size="sm" component="div">
        {sentence} {check?.agrees ? 'Each number has exactly as many names.' : ''}
        {check && !check.agrees ? check.problems.join(' ') : ''}
      </Text>
    </div>
  );
}
