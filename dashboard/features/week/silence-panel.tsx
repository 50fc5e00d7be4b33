import { Drawer, Skeleton, Table, Text, UnstyledButton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Channel } from '../../../collector/contract/names.ts';
import type { SilenceAnswer, SilenceGroup } from '../../../collector/contract/silence.ts';
import { silenceQuery } from '../../api/roi-queries.ts';
import { formatCount, formatRelative, plural } from '../../format.ts';
import { useSite } from '../../shell/use-site.ts';
import { ErrorState } from '../../ui/error-state.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Wide } from '../../ui/wide.tsx';
import { LeadLink } from '../leads/lead-link.tsx';
import { StageMark } from '../leads/marks.tsx';
import { channelNames, touchNames } from '../leads/words.ts';
import { addDays, dateIn } from '../range/data.ts';
import classes from './week.module.css';

const lookBackDays = 91;

/** What was the last thing that happened with leads that were lost or fell silent. */
export function SilencePanel({
  open,
  onOpen,
}: {
  open: string | undefined;
  onOpen: (group: string | undefined) => void;
}) {
  const site = useSite();
  const today = dateIn(site.timezone, Date.now());
  const silence = useQuery(silenceQuery(site.id, { from: addDays(today, -lookBackDays), to: addDays(today, 1) }));
  const { data } = silence;
  return (
    <Panel
      title="The last channel before silence"
      hint="For leads of the last three months that were lost, or of which nothing was heard: the last thing that happened, after how many visits and calls on average, and how many days ago for the middle one of them."
    >
      {silence.isError && !data ? (
        <ErrorState error={silence.error} onRetry={() => void silence.refetch()} />
      ) : !data ? (
        <Skeleton height={140} />
      ) : data.total === 0 ? (
        <Text size="sm" c="dimmed">
          Nobody was lost and nobody fell silent.
        </Text>
      ) : (
        <>
          <Text size="sm">{silenceSentence(data)}</Text>
          <Wide label="Last channel before silence">
            <Table mt="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Last of all</Table.Th>
                  <Table.Th>Channel</Table.Th>
                  <Table.Th ta="right">Leads</Table.Th>
                  <Table.Th ta="right">Lost</Table.Th>
                  <Table.Th ta="right">Silent</Table.Th>
                  <Table.Th ta="right">Visits</Table.Th>
                  <Table.Th ta="right">Calls</Table.Th>
                  <Table.Th ta="right">Days ago</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.groups.map((group) => (
                  <Table.Tr key={groupKey(group)}>
                    <Table.Td className={classes.last}>{groupName(group)}</Table.Td>
                    <Table.Td>{channelName(group.channel)}</Table.Td>
                    <Table.Td ta="right">
                      <UnstyledButton className={classes.small} onClick={() => onOpen(groupKey(group))}>
                        {formatCount(group.leads)}
                      </UnstyledButton>
                    </Table.Td>
                    <Table.Td ta="right">{formatCount(group.lost)}</Table.Td>
                    <Table.Td ta="right">{formatCount(group.silent)}</Table.Td>
                    <Table.Td ta="right">{group.visits}</Table.Td>
                    <Table.Td ta="right">{group.calls}</Table.Td>
                    <Table.Td ta="right">{formatCount(group.daysAgo)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </>
      )}
      <GroupDrawer data={data} open={open} onClose={() => onOpen(undefined)} />
    </Panel>
  );
}

function GroupDrawer({
  data,
  open,
  onClose,
}: {
  data: SilenceAnswer | undefined;
  open: string | undefined;
  onClose: () => void;
}) {
  const group = data?.groups.find((one) => groupKey(one) === open);
  const leads = data?.leads.filter((lead) => groupKey(lead) === open) ?? [];
  return (
    <Drawer opened={group !== undefined} onClose={onClose} size={680} title={group ? groupName(group) : ''}>
      <Text size="sm" c="dimmed" role="status">
        {plural(leads.length, 'lead')}.
      </Text>
      <Wide label="Leads that fell silent">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Who</Table.Th>
              <Table.Th>Now</Table.Th>
              <Table.Th>Last heard</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {leads.map((lead) => (
              <Table.Tr key={lead.id}>
                <Table.Td>
                  <LeadLink lead={lead} />
                </Table.Td>
                <Table.Td>
                  <StageMark stage={lead.stage} />
                </Table.Td>
                <Table.Td>{lead.lastAt ? formatRelative(lead.lastAt, Date.now()) : 'Never'}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Drawer>
  );
}

const groupKey = ({ last, channel }: { last: string; channel: string }): string => `${last} ${channel}`;

function channelName(channel: string): string {
  if (channel === 'website') return 'Website';
  return channelNames[channel as Channel] ?? '–';
}

function groupName({ last }: Pick<SilenceGroup, 'last'>): string {
  if (last === 'none') return 'Nothing ever happened';
  if (last === 'visit') return 'A visit to the website';
  return touchNames[last as keyof typeof touchNames] ?? last;
}

function silenceSentence({ groups, total }: SilenceAnswer): string {
  const [first] = groups;
  if (!first) return '';
  const name = groupName(first);
  return `${plural(total, 'lead')}. Most often the last thing was: ${name.charAt(0).toLowerCase()}${name.slice(1)} (${formatCount(first.leads)}).`;
}
