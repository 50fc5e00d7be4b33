import type { FunnelRequest } from '../contract/funnel.ts';
import { areDisjoint } from './match.ts';

/** Whether no event can fit two of the steps. May say no when it is not sure. */
export function areAllDisjoint(steps: FunnelRequest['steps']): boolean {
  return overlapGroups(steps).every((group) => group.length === 1);
}

/** Steps (numbers from 1) that may share events, directly or by way of others, together; every step is in one group. */
export function overlapGroups(steps: FunnelRequest['steps']): number[][] {
  let groups: number[][] = [];
  steps.forEach((step, index) => {
    const touches = (group: number[]) =>
      group.some((number) => {
        const other = steps[number - 1];
        return other !== undefined && !areDisjoint(step.match, other.match);
      });
    groups = [
      ...groups.filter((group) => !touches(group)),
      [...groups.filter(touches).flat(), index + 1].toSorted((a, b) => a - b),
    ];
  });
  return groups;
}
