import type { Core } from '../core.ts';
import type { Call } from '../messages.ts';
import type { Hit } from '../state.ts';
import { whySilent } from '../why-silent.ts';

/** So many calls and requests are printed. */
const mostLines = 20;

/** What each call takes, as `typeof` says it; a ? behind it: may be left out. */
const takes: Record<string, string[]> = {
  track: ['string', 'object?'],
  identify: ['object'],
  page: ['object?'],
  consent: ['boolean'],
  reset: [],
  debug: [],
};

/** Prints what the owner asks when nothing arrives: why nothing is counted here, the last calls with what is wrong in them, the last requests. */
export function printCalls({ _settings: settings, _host, _state: state, _calls }: Core): void {
  const silent = whySilent(settings, state._visitor, location.href);
  const why = state._visitor === 'off' ? 'off' : silent === true ? 'GPC/DNT' : silent;
  const consent = state._visitor ? 'granted' : state._consent;
  console.log(
    'Telltale',
    settings.site,
    `${_host}/e`,
    `consent: ${consent ?? 'not asked'}`,
    why ? `silent: ${why}` : 'counting',
  );
  console.table(_calls.slice(-mostLines).map((call) => [call[0], problemOf(call)]));
  console.table(state._hits.map(lineOf));
}

/** What is wrong with a call; empty: nothing. */
function problemOf([name, ...given]: Call): string {
  const wanted = takes[name];
  if (!wanted) return 'ignored: there is no such call';
  for (const [index, kind] of wanted.entries()) {
    const value = given[index];
    if (value == null ? !kind.endsWith('?') : typeof value !== kind.replace('?', ''))
      return `ignored: wants ${kind}, got ${typeof value}`;
  }
  const props = given.find((value) => typeof value === 'object') ?? {};
  const wrong = Object.entries(props).filter(([, value]) => !/str|boo|num/.test(typeof value));
  return name === 'page' || !wrong[0] ? '' : wrong.map(([key]) => `ignored ${key}`).join();
}

function lineOf({ body, _answer }: Hit): string[] {
  const { events }: { events: { name: string }[] } = JSON.parse(`${body}`);
  const answer = _answer?.status && `${_answer.status} ${_answer.headers.get('x-telltale-dropped') ?? ''}`;
  return [events.map(({ name }) => name).join(), answer || 'no answer'];
}
