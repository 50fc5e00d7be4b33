import { List, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { StoredRule } from '../../../collector/contract/rule.ts';
import { ruleUseQuery } from '../../api/queries.ts';
import { useSite } from '../../shell/use-site.ts';
import { ConfirmModal } from '../../ui/confirm-modal.tsx';

/** Asks before a rule is deleted or switched off, and says what would stop now. */
export function RuleStop({
  rule,
  action,
  busy,
  onConfirm,
  onClose,
}: {
  rule: StoredRule | null;
  action: 'delete' | 'off';
  busy: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const site = useSite();
  const use = useQuery({ ...ruleUseQuery(site.id, rule?.id ?? ''), enabled: rule !== null, gcTime: 0 });
  const isDelete = action === 'delete';
  return (
    <ConfirmModal
      opened={rule !== null}
      title={isDelete ? `Delete “${rule?.name ?? ''}”?` : `Switch “${rule?.name ?? ''}” off?`}
      action={isDelete ? 'Delete rule' : 'Switch off'}
      busy={busy}
      onClose={onClose}
      onConfirm={onConfirm}
    >
      {use.data && use.data.stops.length > 0 ? (
        <List size="sm" mb="sm">
          {use.data.stops.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      ) : use.isPending && rule ? (
        <Skeleton height={40} mb="sm" />
      ) : null}
      <Text size="sm">
        New cases stop at once. Cases that exist stay in the list.{' '}
        {isDelete
          ? 'To pause the rule instead, switch it off.'
          : 'What ends now does not begin again when you switch the rule on later.'}
      </Text>
    </ConfirmModal>
  );
}
