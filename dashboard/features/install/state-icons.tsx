import { IconAlertTriangle, IconCircleCheck, IconDroplet, IconHelpCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { InstallStepState } from '../../../collector/contract/install.ts';

const look = { size: 24, stroke: 1.6, 'aria-hidden': true } as const;

/** Of a step of the test, and of what was heard so far. */
export const stateIcons: Record<InstallStepState['state'], ReactNode> = {
  waiting: <IconDroplet {...look} />,
  ok: <IconCircleCheck {...look} />,
  problem: <IconAlertTriangle {...look} />,
  unknown: <IconHelpCircle {...look} />,
};
