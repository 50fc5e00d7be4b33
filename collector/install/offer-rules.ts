import type { FoundOnPage, OfferedRule } from '../contract/install.ts';
import { limits } from '../contract/limits.ts';
import { isSameMatch } from '../contract/match.ts';
import { type Rule, rule as ruleSchema, type StoredRule } from '../contract/rule.ts';

/** A rule before it is known how often its events come. */
export type RuleOffer = Pick<OfferedRule, 'rule' | 'from' | 'existing'>;

/** More forms than this on one page are a form builder's doing. */
const mostForms = 5;

/**
 * Rules that fit what a page holds: forms that are begun and not sent, bookings in a widget, a page from which somebody could get in
 * touch. `path` as events have it; `rules` are those of the site.
 */
export function offerRules(found: FoundOnPage, path: string, rules: readonly StoredRule[]): RuleOffer[] {
  const forms = found.forms.slice(0, mostForms).map(({ name, isNamed }) => {
    const props = { form: name.slice(0, limits.propValueLength) };
    const place = isNamed ? {} : { path };
    return offer(isNamed ? name : path, {
      name: `Form ${isNamed ? `“${name}”` : `on ${path}`} started and not sent`,
      kind: 'form',
      intent: { event: 'form_start', props, ...place },
      complete: [{ event: 'form_submit', props, ...place }],
    });
  });
  const widgets = found.widgets
    .filter(({ kind }) => kind !== 'chat')
    .map(({ name, kind }) =>
      offer(name, {
        name: `${name} on ${path} looked at and not finished`,
        kind: kind === 'booking' ? 'booking' : 'form',
        intent: { path },
        complete: [{ event: kind === 'booking' ? 'booking_done' : 'form_done' }],
      }),
    );
  const isFrontPage = path === '/';
  const contact =
    found.contacts > 0 && !isFrontPage && widgets.length === 0
      ? [
          offer(path, {
            name: `${path} looked at without getting in touch`,
            kind: 'browse',
            intent: { path },
            complete: [{ event: 'contact_click' }, { event: 'form_submit' }],
          }),
        ]
      : [];
  return [...forms, ...widgets, ...contact];

  function offer(from: string, written: Pick<Rule, 'kind' | 'intent' | 'complete' | 'name'>): RuleOffer {
    const made = ruleSchema.parse({ ...written, name: written.name.slice(0, limits.nameLength) });
    return { rule: made, from, existing: rules.find(({ intent }) => isSameMatch(intent, made.intent))?.id ?? null };
  }
}
