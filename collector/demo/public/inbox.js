// @ts-check
// Shows what the webhook inbox received, newest first.

/**
 * @typedef {{ number: number, receivedAt: string, webhookId: string, verified: boolean, problem: string | null, type: string,
 *   says: string, who: string, treatment: string | null, followUp: string | null,
 *   mail: { subject: string, text: string, link: string | null } | null, message: unknown }} Card
 */

const list = document.querySelector('#messages');
const state = document.querySelector('#state');
let newest = 0;

async function refresh() {
  try {
    const response = await fetch('/demo/inbox/messages');
    if (!response.ok) throw new Error(String(response.status));
    /** @type {{ items: Card[] }} */
    const { items } = await response.json();
    // After a restart the numbers begin again.
    if ((items[0]?.number ?? 0) < newest) {
      list?.replaceChildren();
      newest = 0;
    }
    for (const card of items.filter(({ number }) => number > newest).reverse()) list?.prepend(item(card));
    newest = items[0]?.number ?? 0;
    if (state && items.length) state.textContent = `${items.length} ${items.length === 1 ? 'message' : 'messages'}`;
  } catch {
    if (state) state.textContent = 'The demo does not answer. Is it still running?';
  }
  setTimeout(refresh, 2_000);
}

/** @param {Card} card */
function item(card) {
  const node = element('li', { className: `card ${card.type.replace('.', '-')}` });
  node.dataset.webhookId = card.webhookId;
  const badge = card.verified ? 'verified ✓' : `not verified ✗ ${card.problem ?? ''}`;
  node.append(
    element('p', { className: 'meta' }, [
      element('code', {}, [card.type]),
      element('span', { className: card.verified ? 'good' : 'bad' }, [badge]),
      ...(card.followUp ? [element('span', {}, [`follow-up ${card.followUp}`])] : []),
      element('time', { dateTime: card.receivedAt }, [new Date(card.receivedAt).toLocaleTimeString()]),
    ]),
    element('h2', {}, [card.who]),
    element('p', {}, [card.says, ...(card.treatment ? [' Looked at: ', element('b', {}, [card.treatment])] : [])]),
  );
  if (card.mail) node.append(mail(card.mail));
  node.append(
    element('details', {}, [
      element('summary', {}, ['The message as it arrived']),
      element('pre', {}, [JSON.stringify(card.message, null, 2)]),
    ]),
  );
  return node;
}

/** @param {NonNullable<Card['mail']>} preview */
function mail(preview) {
  const box = element('section', { className: 'mail' }, [
    element('p', { className: 'label' }, ['A mail your automation could send now']),
    element('h3', {}, [preview.subject]),
    element('p', { className: 'text' }, [preview.text]),
  ]);
  // The address comes from a visitor's browser: only one on this host becomes a link.
  if (preview.link && URL.canParse(preview.link) && new URL(preview.link).host === location.host) {
    box.append(element('a', { href: preview.link }, ['Back to where they stopped']));
  }
  return box;
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} [properties]
 * @param {(Node | string)[]} [children]
 */
function element(tag, properties = {}, children = []) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

void refresh();
