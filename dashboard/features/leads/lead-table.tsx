import { Checkbox, Table, Text } from '@mantine/core';
import type { Lead } from '../../../collector/contract/lead-answers.ts';
import { formatInstant, formatRelative } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { Wide } from '../../ui/wide.tsx';
import { LeadLink } from './lead-link.tsx';
import classes from './leads.module.css';
import { LeakMark, ScoreMark, StageMark } from './marks.tsx';
import { clockWords, leadDetails, leadName } from './words.ts';

interface Chosen {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
  toggleAll: () => void;
}

/** Leads as a table, on a phone as cards. With `chosen`, several can be taken at once. */
export function LeadTable({ leads, label, chosen }: { leads: Lead[]; label: string; chosen?: Chosen }) {
  const all = leads.length > 0 && leads.every(({ id }) => chosen?.ids.has(id));
  return (
    <>
      <div className={classes.asTable}>
        <Wide label={label}>
          <Table verticalSpacing="sm" horizontalSpacing="sm">
            <Table.Thead>
              <Table.Tr>
                {chosen ? (
                  <Table.Th w={44}>
                    <Checkbox aria-label="Choose all on this page" checked={all} onChange={chosen.toggleAll} />
                  </Table.Th>
                ) : null}
                <Table.Th>Who</Table.Th>
                <Table.Th>Stage</Table.Th>
                <Table.Th>Next</Table.Th>
                <Table.Th>Owner</Table.Th>
                <Table.Th>Score</Table.Th>
                <Table.Th>Last active</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {leads.map((lead) => (
                <Table.Tr key={lead.id} data-chosen={chosen?.ids.has(lead.id) || undefined}>
                  {chosen ? (
                    <Table.Td>
                      <Checkbox
                        aria-label={`Choose ${leadName(lead)}`}
                        checked={chosen.ids.has(lead.id)}
                        onChange={() => chosen.toggle(lead.id)}
                      />
                    </Table.Td>
                  ) : null}
                  <Table.Td className={classes.who}>
                    <LeadLink lead={lead} />
                    <Text size="xs" c="dimmed">
                      {leadDetails(lead)}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <StageMark stage={lead.stage} />
                  </Table.Td>
                  <Table.Td className={classes.next}>
                    <NextStep lead={lead} />
                  </Table.Td>
                  <Table.Td className={classes.nowrap}>
                    {lead.owner?.name ?? <span className={classes.quiet}>Nobody</span>}
                  </Table.Td>
                  <Table.Td>
                    <ScoreMark score={lead.score} temperature={lead.temperature} />
                  </Table.Td>
                  <Table.Td className={classes.nowrap}>
                    <Since at={lead.activeAt} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      </div>
      <ul className={classes.asCards} aria-label={label}>
        {leads.map((lead) => (
          <li key={lead.id} className={classes.row}>
            <div className={classes.rowHead}>
              <LeadLink lead={lead} />
              <StageMark stage={lead.stage} />
            </div>
            <Text size="xs" c="dimmed">
              {leadDetails(lead)}
            </Text>
            <NextStep lead={lead} />
            <div className={classes.rowFoot}>
              <ScoreMark score={lead.score} temperature={lead.temperature} />
              <span>{lead.owner?.name ?? 'Nobody owns it'}</span>
              <Since at={lead.activeAt} />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What is to be done next and until when, or why that is not said. */
export function NextStep({ lead }: { lead: Lead }) {
  const site = useSite();
  const now = Date.now();
  const clock = clockWords(lead.clock, now);
  const { nextStep } = lead;
  return (
    <div className={classes.nextWords}>
      {nextStep ? (
        <span>
          {nextStep.text}{' '}
          <time className={classes.quiet} dateTime={nextStep.at} title={formatInstant(nextStep.at, site.timezone)}>
            {formatRelative(nextStep.at, now)}
          </time>
        </span>
      ) : null}
      {clock && lead.leaking.length === 0 ? <span className={classes.quiet}>{clock}</span> : null}
      {lead.nurture?.wakeAt ? (
        <span className={classes.quiet}>Wakes up {formatRelative(lead.nurture.wakeAt, now)}</span>
      ) : null}
      {lead.stage === 'lost' && lead.lostReason ? <span className={classes.quiet}>{lead.lostReason}</span> : null}
      <LeakMark leaking={lead.leaking} />
    </div>
  );
}

function Since({ at }: { at: string }) {
  const site = useSite();
  return (
    <time dateTime={at} title={formatInstant(at, site.timezone)}>
      {formatRelative(at, Date.now())}
    </time>
  );
}
