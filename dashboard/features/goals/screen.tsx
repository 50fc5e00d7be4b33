import { FilterChips } from '../../shell/filter-chips.tsx';
import { Page } from '../../shell/page.tsx';
import { RangeControls } from '../../shell/range-controls.tsx';
import { Events } from './events.tsx';
import { Goals } from './goals.tsx';

/** What visitors are meant to do, how often they do it, and everything else they do. */
export function GoalsScreen() {
  return (
    <Page
      title="Events & goals"
      lead="What visitors do, and which of it you are waiting for."
      aside={<RangeControls />}
    >
      <FilterChips compares />
      <Goals />
      <Events />
    </Page>
  );
}
