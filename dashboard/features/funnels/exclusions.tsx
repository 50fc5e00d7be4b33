import { ActionIcon, Button, Input } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { SeenAnswer } from '../../../collector/contract/overview.ts';
import { MatchEditor } from '../../ui/match-editor.tsx';
import { type Exclusion, mostExclusions } from './data.ts';
import classes from './funnels.module.css';

/** What ends a try when it happens on the way. */
export function Exclusions({
  exclusions,
  seen,
  onChange,
}: {
  exclusions: Exclusion[];
  seen: SeenAnswer | undefined;
  onChange: (exclusions: Exclusion[]) => void;
}) {
  return (
    <Input.Wrapper
      label="Leave out who also"
      description="Does one of these between the first and the last step."
      labelElement="div"
    >
      <div className={classes.exclusions}>
        {exclusions.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an exclusion has no identity but its place; its fields are controlled.
          <div key={index} className={classes.exclusion}>
            <div className={classes.grow}>
              <MatchEditor
                label={`Exclusion ${index + 1}`}
                value={one.match}
                seen={seen}
                onChange={(match) => onChange(exclusions.map((old, other) => (other === index ? { match } : old)))}
              />
            </div>
            <ActionIcon
              aria-label={`Remove exclusion ${index + 1}`}
              onClick={() => onChange(exclusions.filter((_, other) => other !== index))}
            >
              <IconX size={15} />
            </ActionIcon>
          </div>
        ))}
        <div>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconPlus size={14} />}
            disabled={exclusions.length >= mostExclusions}
            onClick={() => onChange([...exclusions, { match: { path: '' } }])}
          >
            Add an exclusion
          </Button>
        </div>
      </div>
    </Input.Wrapper>
  );
}
