import { Alert, Button, Group, Menu, Select, Text } from '@mantine/core';
import { IconAlertTriangle, IconChevronDown, IconClock } from '@tabler/icons-react';
import { useState } from 'react';
import type { LeadDetail } from '../../../collector/contract/lead-answers.ts';
import type { LeadPatch, LeadStage } from '../../../collector/contract/leads.ts';
import { formatInstant, formatMoney, formatRelative } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { Panel } from '../../ui/panel.tsx';
import classes from './lead-page.module.css';
import { StageMark } from './marks.tsx';
import { asksFirst, MoveModal } from './move-modal.tsx';
import { NextStepEditor } from './next-step.tsx';
import { useLeadChange } from './use-lead-change.ts';
import { useOwners } from './use-owners.ts';
import { clockWords, leadName, leakWords, recycleWords, stageNames, stageOrder } from './words.ts';

/** Where a lead stands, who has it, and what happens next. All of it is changed where it stands, and can be taken back. */
export function LeadWork({ lead }: { lead: LeadDetail }) {
  const site = useSite();
  const owners = useOwners();
  const [moving, setMoving] = useState<LeadStage | null>(null);
  const change = useLeadChange(() => setMoving(null));
  const patch = (body: LeadPatch, said: string) => change.mutate({ id: lead.id, body, said });
  const move = (stage: LeadStage) =>
    asksFirst(stage) ? setMoving(stage) : patch({ stage }, `Moved to ${stageNames[stage]}.`);
  const now = Date.now();
  const clock = clockWords(lead.clock, now);
  const owner = lead.owner;
  const choices =
    owner && !owners.choices.some(({ value }) => value === owner.id)
      ? [...owners.choices, { value: owner.id, label: owner.name ?? 'Somebody who has left' }]
      : owners.choices;
  return (
    <Panel title="What happens next">
      {lead.leaking.length > 0 ? (
        <Alert color="copper" icon={<IconAlertTriangle size={17} />} mb="md">
          This lead leaks: {leakWords(lead.leaking).toLowerCase()}
        </Alert>
      ) : null}
      <div className={classes.work}>
        <div>
          <span className={classes.label}>Stage</span>
          <Group gap="xs">
            <StageMark stage={lead.stage} />
            <Menu position="bottom-start">
              <Menu.Target>
                <Button size="compact-sm" variant="default" rightSection={<IconChevronDown size={13} />}>
                  Move
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                {stageOrder
                  .filter((stage) => stage !== lead.stage && stage !== 'incomplete')
                  .map((stage) => (
                    <Menu.Item key={stage} onClick={() => move(stage)}>
                      {stageNames[stage]}
                    </Menu.Item>
                  ))}
              </Menu.Dropdown>
            </Menu>
          </Group>
          <Text size="xs" c="dimmed" title={formatInstant(lead.stageSince, site.timezone)}>
            since {formatRelative(lead.stageSince, now)}
            {lead.lostReason ? ` · ${lead.lostReason}` : ''}
            {lead.nurture?.reason ? ` · ${lead.nurture.reason}` : ''}
            {lead.value === null ? '' : ` · ${formatMoney(lead.value, lead.currency)}`}
          </Text>
        </div>
        <div>
          <Select
            label="Owner"
            placeholder="Nobody"
            size="sm"
            clearable
            clearButtonProps={{ 'aria-label': 'Take the owner away' }}
            data={choices}
            value={owner?.id ?? null}
            onChange={(next) =>
              patch({ owner: next }, next === null ? 'Nobody owns it now.' : `Given to ${owners.nameOf(next)}.`)
            }
          />
          {owner && lead.acceptedAt === null && lead.clock?.clock === 'acceptance' ? (
            <Button size="compact-sm" mt={6} onClick={() => patch({ accept: true }, 'Taken.')}>
              I take it
            </Button>
          ) : null}
        </div>
        <div>
          <span className={classes.label}>Next step</span>
          <NextStepEditor
            nextStep={lead.nextStep}
            onSave={(nextStep) => patch({ nextStep }, nextStep === null ? 'Done.' : 'Next step saved.')}
          />
        </div>
        <div>
          <span className={classes.label}>Clock</span>
          <Text size="sm" component="div" className={classes.clock} data-late={lead.neglectedAt !== null || undefined}>
            <IconClock size={16} stroke={1.6} aria-hidden="true" />
            {clock ?? clockRest(lead, now)}
          </Text>
          <Text size="xs" c="dimmed">
            {[recycleWords(lead), lead.nurture?.wakeAt ? `Wakes up ${formatRelative(lead.nurture.wakeAt, now)}` : null]
              .filter((text) => text !== null)
              .join(' · ')}
          </Text>
        </div>
      </div>
      <MoveModal
        to={moving}
        who={leadName(lead)}
        busy={change.isPending}
        onClose={() => setMoving(null)}
        onMove={(body) => patch(body, `Moved to ${stageNames[body.stage ?? lead.stage]}.`)}
      />
    </Panel>
  );
}

/** What is said where no clock runs. */
function clockRest(lead: LeadDetail, now: number): string {
  if (lead.neglectedAt !== null) return `Ran out ${formatRelative(lead.neglectedAt, now)}`;
  return lead.firstReplyAt === null ? 'No clock runs' : `Answered ${formatRelative(lead.firstReplyAt, now)}`;
}
