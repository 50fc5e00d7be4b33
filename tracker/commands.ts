import type { PageView } from './calls.ts';
import { cleanProps } from './clean-props.ts';
import { clearQueue, endpoint, flush } from './delivery.ts';
import { note, printNotes } from './notes.ts';
import { closeView, nextView } from './page-life.ts';
import { settings } from './settings.ts';
import { addressOf, countView, openView, send, silence } from './view.ts';
import { consent, decideConsent, renewVisitor } from './who.ts';

type Command = (first: never, second: unknown) => void;

const commands: Record<string, Command> = {
  debug: () => printNotes(settings.site, endpoint(), consent, silence()),
  track: (name: string, props) => send(name.trim(), props == null ? undefined : cleanProps(props)),
  identify: (who: unknown) => send('identify', undefined, { identity: cleanProps(who) }),
  page({ url, title, props }: PageView = {}) {
    const address = addressOf(url);
    const clean = props && cleanProps(props);
    closeView();
    openView(address);
    countView(clean, { title });
  },
  consent(given: boolean) {
    if (given !== !!given) throw 'true or false';
    const restart = RICH && settings.consent && (!given || consent === 'denied');
    decideConsent(given && !silence());
    if (restart) {
      clearQueue();
      nextView();
    }
    flush();
  },
  reset() {
    clearQueue();
    renewVisitor();
  },
};

/** Does what the page asks for. Never throws: a wrong call is ignored, and told by `debug`. */
export function run([call, ...args]: Iterable<unknown>): void {
  try {
    (commands[call as string] as Command)(...(args as [never, unknown]));
  } catch (error) {
    note(`ignored ${call}`, `${error}`);
  }
}
