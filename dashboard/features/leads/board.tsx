import { ActionIcon, Menu, Skeleton, Text } from '@mantine/core';
import { IconArrowsRightLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type DragEvent, type KeyboardEvent, useState } from 'react';
import type { Lead } from '../../../collector/contract/lead-answers.ts';
import type { LeadPatch, LeadStage } from '../../../collector/contract/leads.ts';
import { fewLeadsQuery } from '../../api/lead-queries.ts';
import { formatCount } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Hint } from '../../ui/hint.tsx';
import { Wide } from '../../ui/wide.tsx';
import classes from './board.module.css';
import { LeadLink } from './lead-link.tsx';
import { NextStep } from './lead-table.tsx';
import leadClasses from './leads.module.css';
import { ScoreMark } from './marks.tsx';
import { asksFirst, MoveModal } from './move-modal.tsx';
import { toLeadQuestion } from './search.ts';
import { useLeadChange } from './use-lead-change.ts';
import { leadDetails, leadName, stageHelp, stageNames, stageOrder } from './words.ts';

const route = getRouteApi('/signed-in/sites/$site/leads');
const cardsPerStage = 20;
const draggedType = 'application/x-telltale-lead';

/** The leads in columns by stage. A card goes on by its menu, by Shift and an arrow key, or by dragging it. */
export function Board() {
  const search = route.useSearch();
  const [moving, setMoving] = useState<{ lead: Lead; to: LeadStage } | null>(null);
  const [heard, setHeard] = useState('');
  const change = useLeadChange(() => setMoving(null));
  const send = (lead: Lead, to: LeadStage, body: LeadPatch) => {
    const said = `${leadName(lead)} moved to ${stageNames[to]}.`;
    change.mutate({ id: lead.id, body, said });
    setHeard(said);
  };
  const move = (lead: Lead, to: LeadStage) => {
    if (to === lead.stage) return;
    if (asksFirst(to)) setMoving({ lead, to });
    else send(lead, to, { stage: to });
  };
  const stages = search.stage ? stageOrder.filter((stage) => search.stage?.split(',').includes(stage)) : stageOrder;
  return (
    <>
      <Text size="sm" c="dimmed">
        Move a card with its menu, by dragging it, or with Shift and an arrow key. Every move can be taken back.
      </Text>
      <Wide label="Board of leads">
        <div className={classes.board}>
          {stages.map((stage) => (
            <Column key={stage} stage={stage} onMove={move} />
          ))}
        </div>
      </Wide>
      <div role="status" className={leadClasses.unseen}>
        {heard}
      </div>
      <MoveModal
        to={moving?.to ?? null}
        who={moving ? leadName(moving.lead) : ''}
        busy={change.isPending}
        onClose={() => setMoving(null)}
        onMove={(body) => moving && send(moving.lead, moving.to, body)}
      />
    </>
  );
}

function Column({ stage, onMove }: { stage: LeadStage; onMove: (lead: Lead, to: LeadStage) => void }) {
  const site = useSite();
  const search = route.useSearch();
  const [over, setOver] = useState(false);
  const question = { ...toLeadQuestion({ ...search, sort: 'active' }), stage };
  const leads = useQuery(fewLeadsQuery(site.id, question, cardsPerStage));
  const onDrop = (event: DragEvent) => {
    setOver(false);
    const text = event.dataTransfer.getData(draggedType);
    if (text === '') return;
    event.preventDefault();
    onMove(JSON.parse(text) as Lead, stage);
  };
  const total = leads.data?.total;
  return (
    <section
      className={classes.column}
      aria-label={stageNames[stage]}
      data-over={over || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(draggedType) || stage === 'incomplete') return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <header className={classes.head}>
        <h2 className={classes.name}>
          {stageNames[stage]} <span className={classes.count}>{total === undefined ? '' : formatCount(total)}</span>
        </h2>
        <Hint about={stageNames[stage]}>{stageHelp[stage]}</Hint>
      </header>
      {leads.isError && !leads.data ? (
        <ErrorState error={leads.error} onRetry={() => void leads.refetch()} />
      ) : !leads.data ? (
        <Skeleton height={96} />
      ) : (
        <ul className={classes.cards}>
          {leads.data.items.map((lead) => (
            <Card key={lead.id} lead={lead} onMove={onMove} />
          ))}
        </ul>
      )}
      {total === 0 ? <p className={classes.none}>Nobody here</p> : null}
      {total !== undefined && total > cardsPerStage ? (
        <Link
          to="/sites/$site/leads"
          params={{ site: site.id }}
          search={(old) => ({ ...old, view: undefined, stage })}
          className={classes.more}
        >
          All {formatCount(total)} as a list
        </Link>
      ) : null}
    </section>
  );
}

function Card({ lead, onMove }: { lead: Lead; onMove: (lead: Lead, to: LeadStage) => void }) {
  const name = leadName(lead);
  const others = stageOrder.filter((stage) => stage !== lead.stage && stage !== 'incomplete');
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (!event.shiftKey || step === 0) return;
    const to = stageOrder[stageOrder.indexOf(lead.stage) + step];
    if (to === undefined || to === 'incomplete') return;
    event.preventDefault();
    onMove(lead, to);
  };
  return (
    <li
      className={classes.card}
      draggable
      data-leaking={lead.leaking.length > 0 || undefined}
      onDragStart={(event) => {
        event.dataTransfer.setData(draggedType, JSON.stringify(lead));
        event.dataTransfer.effectAllowed = 'move';
      }}
      onKeyDown={onKeyDown}
    >
      <div className={classes.cardHead}>
        <LeadLink lead={lead} />
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon size="sm" aria-label={`Move ${name}`}>
              <IconArrowsRightLeft size={15} stroke={1.6} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>Move to</Menu.Label>
            {others.map((stage) => (
              <Menu.Item key={stage} onClick={() => onMove(lead, stage)}>
                {stageNames[stage]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
      <Text size="xs" c="dimmed">
        {leadDetails(lead)}
      </Text>
      <NextStep lead={lead} />
      <div className={classes.cardFoot}>
        <ScoreMark score={lead.score} temperature={lead.temperature} />
        <span>{lead.owner?.name ?? 'Nobody'}</span>
      </div>
    </li>
  );
}
