import type { Browser, Page } from 'playwright-core';

/** The object of the server behind one of Playwright's client. No public name: what is used of it is checked where it is used. */
const serverSide = (client: unknown): unknown =>
  (client as { _connection: { toImpl: (object: unknown) => unknown } })._connection.toImpl(client);

interface Message {
  id: number;
  method: string;
}

/**
 * Answers commands that the browser does not know with "done".
 *
 * TRICKY: Playwright 1.65 starts every page of a browser that it drives over WebDriver BiDi with `emulation.setMediaFeaturesOverride`,
 * which Firefox 153 does not know yet. Without an answer no page opens.
 */
export function answerUnknownCommands(browser: Browser, commands: string[]): void {
  const { _transport: transport } = (
    serverSide(browser) as {
      _connection: { _transport: { send: (message: Message) => void; onmessage: (answer: object) => void } };
    }
  )._connection;
  const send = transport.send.bind(transport);
  transport.send = (message) => {
    if (!commands.includes(message.method)) send(message);
    else queueMicrotask(() => transport.onmessage({ type: 'success', id: message.id, result: {} }));
  };
}

/**
 * Lets a Chromium page be hidden and lose focus as for a visitor. Playwright makes every page believe that it is in front, in its own
 * session of the protocol, so only that session can take it back.
 */
export async function stopFocusEmulation(page: Page): Promise<void> {
  const { delegate } = serverSide(page) as {
    delegate: { _mainFrameSession: { _client: { send: (method: string, params: object) => Promise<unknown> } } };
  };
  await delegate._mainFrameSession._client.send('Emulation.setFocusEmulationEnabled', { enabled: false });
}
