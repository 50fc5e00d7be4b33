import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { HousePart } from '../../../collector/contract/house.ts';
import { Page } from '../../shell/page.tsx';
import { ClockRules } from './clocks.tsx';
import { partNames } from './data.ts';
import { Definition } from './definition.tsx';
import { RoutingRules } from './routing.tsx';
import { ScoringRules } from './scoring.tsx';

const route = getRouteApi('/signed-in/sites/$site/house');
const parts = Object.keys(partNames) as HousePart[];
const panels: Record<HousePart, () => React.JSX.Element> = {
  definition: Definition,
  scoring: ScoringRules,
  routing: RoutingRules,
  clocks: ClockRules,
};

/** What the house has agreed: what a lead is, how it is scored, who gets it, and how fast it is answered. */
export function HouseScreen() {
  const { part = 'definition' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page
      title="Rules of the house"
      lead="What marketing and sales have agreed. Every change is a new version, and every lead is looked at again by it."
    >
      <Tabs
        value={part}
        keepMounted={false}
        onChange={(next) =>
          void navigate({
            search: (old) => ({ ...old, part: parts.find((name) => name === next && name !== 'definition') }),
          })
        }
      >
        <Tabs.List>
          {parts.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {partNames[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {parts.map((name) => {
          const Part = panels[name];
          return (
            <Tabs.Panel key={name} value={name} pt="lg">
              <Part />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </Page>
  );
}
