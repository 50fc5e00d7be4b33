import * as z from 'zod';
import { leadConsents, leadFields, type NewLead, newLead, newTouch } from '../contract/leads.ts';
import type { InboundTouch } from './inbound-presets.ts';
import { changeableColumns, leadColumns } from './lead-columns.ts';

/** What a column may be called, besides its own name; compared without case, spaces and signs. */
const aliases: Record<string, readonly string[]> = {
  email: ['mail', 'emailaddress', 'emailadresse'],
  phone: ['telephone', 'tel', 'mobile', 'phonenumber', 'telefon', 'handy'],
  externalId: ['id', 'crmid', 'customerid'],
  name: ['fullname', 'contact', 'contactname'],
  firstName: ['first', 'givenname', 'vorname'],
  lastName: ['last', 'surname', 'familyname', 'nachname'],
  company: ['organisation', 'organization', 'firm', 'account', 'firma'],
  nextStep: ['todo', 'task'],
  nextStepAt: ['followup', 'followupdate', 'followupon', 'nextstepdate', 'due'],
  note: ['notes', 'comment', 'remark'],
  at: ['date', 'created', 'createdat', 'createdon'],
  kind: ['type'],
  owner: ['ownerid'],
};

/** Where a column of a table goes; undefined where it is a trait. */
export function fieldOfColumn(column: string): string | undefined {
  const word = plain(column);
  const own = [
    'channel',
    'source',
    'medium',
    'campaign',
    'consent',
    'direction',
    'outcome',
    'seconds',
    'subject',
    'text',
  ];
  if (own.includes(word)) return word;
  return Object.entries(aliases).find(([field, names]) => plain(field) === word || names.includes(word))?.[0];
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, '');
}

/** A row of a table by what its columns mean; empty cells are left out, and columns that mean nothing are traits. */
function fieldsOfRow(cells: Readonly<Record<string, string>>) {
  const known: Record<string, string> = {};
  const traits: Record<string, string> = {};
  for (const [column, cell] of Object.entries(cells)) {
    const value = withoutFormulaGuard(cell.trim());
    if (value === '') continue;
    const field = fieldOfColumn(column);
    if (field) known[field] ??= value;
    else if (column.trim() !== '') traits[column.trim().slice(0, 64)] = value.slice(0, 512);
  }
  const { firstName, lastName, ...rest } = known;
  const name = rest.name ?? ([firstName, lastName].filter(Boolean).join(' ') || undefined);
  return { ...rest, ...(name ? { name } : {}), traits };
}

/** TRICKY: a table that was made safe for spreadsheets has an apostrophe before all that could be a formula, telephones too. */
function withoutFormulaGuard(cell: string): string {
  return cell.replace(/^'(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/, '');
}

/** The id of a lead in a table that `leads.csv` was; undefined in one from elsewhere. */
export function leadIdOfRow({ id, number }: Readonly<Record<string, string>>): string | undefined {
  return number === undefined ? undefined : /^led_[\w-]+$/.exec(id ?? '')?.[0];
}

/** What a row of `leads.csv` may change of its lead: the rest of its columns is history. Columns that were added are kept. */
export function changeableCells(cells: Readonly<Record<string, string>>): Record<string, string> {
  const told = new Set<string>(leadColumns);
  return Object.fromEntries(
    Object.entries(cells).filter(([column]) => changeableColumns.has(column) || !told.has(column)),
  );
}

/** A lead of a row. Throws `z.ZodError`. */
export function rowToLead(cells: Readonly<Record<string, string>>): NewLead {
  const { nextStep, nextStepAt, consent, traits, ...row } = fieldsOfRow(cells) as ReturnType<typeof fieldsOfRow> &
    Record<string, string>;
  const said = consent?.toLowerCase();
  const known = new Set(Object.keys(newLead.shape));
  return newLead.parse({
    ...Object.fromEntries(Object.entries(row).filter(([field]) => known.has(field))),
    ...(Object.keys(traits).length > 0 ? { traits } : {}),
    ...(nextStepAt ? { nextStep: { text: nextStep ?? 'Follow up', at: nextStepAt } } : {}),
    ...(nextStep && !nextStepAt ? { note: [row.note, nextStep].filter(Boolean).join('\n') } : {}),
    ...(said === undefined
      ? {}
      : { consent: leadConsents.find((one) => one === said) ?? (isYes(said) ? 'granted' : 'denied') }),
  });
}

function isYes(text: string): boolean {
  return ['yes', 'true', '1', 'ja', 'y', 'x'].includes(text);
}

/** A touch of a row. Throws `z.ZodError`. */
export function rowToTouch(cells: Readonly<Record<string, string>>): InboundTouch {
  const {
    email,
    phone,
    externalId,
    name,
    company,
    traits: _,
    seconds,
    ...touch
  } = fieldsOfRow(cells) as ReturnType<typeof fieldsOfRow> & Record<string, string>;
  const known = new Set<string>(Object.keys(newTouch.shape));
  return {
    fields: leadFields.parse({ email, phone, externalId, name, company }),
    touch: newTouch.parse({
      ...Object.fromEntries(Object.entries(touch).filter(([field]) => known.has(field))),
      ...(seconds === undefined ? {} : { seconds: z.coerce.number().parse(seconds) }),
    }),
  };
}
