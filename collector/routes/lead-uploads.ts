import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { limits } from '../contract/limits.ts';
import { AppError } from '../errors.ts';
import { csvRows } from '../import/csv-rows.ts';
import { delimiterOf } from '../leads/delimiter-of.ts';
import { importTable } from '../leads/import-table.ts';
import { addPhoto } from '../leads/lead-photos.ts';
import type { Ledger } from '../leads/ledger.ts';
import { actorOf } from './actor-of.ts';
import type { Env } from './env.ts';
import { describe } from './parse.ts';

/** Bodies that are larger than a question: photos and tables. Mount under `/api/v1/sites/:site`, before the guard of the others. */
export function leadUploadRoutes({ ledger }: { ledger: Ledger }): Hono<Env> {
  const app = new Hono<Env>();
  const atMost = (maxSize: number) =>
    bodyLimit({
      maxSize,
      onError: () => {
        throw new AppError('too_large', { message: `At most ${maxSize / 1024 / 1024} MB at once.` });
      },
    });

  app.post(
    '/leads/:id/photos',
    describe('leads', 'Keep a photo with a lead', 'The body is the picture: JPEG, PNG or WebP, at most 2 MB.'),
    atMost(limits.photoBytes),
    async (c) => {
      const content = new Uint8Array(await c.req.arrayBuffer());
      const leadId = c.req.param('id');
      const actor = actorOf(c.get('principal'));
      return c.json(await addPhoto(ledger, { site: c.get('site'), leadId, content, actor }), 201);
    },
  );
  for (const what of ['leads', 'touches'] as const) {
    app.post(
      `/${what}/import`,
      describe('leads', `Add ${what} from a table`, 'The body is CSV with a header. docs/leads.md names the columns.'),
      atMost(limits.leadListBytes),
      async (c) => {
        const text = textOf(await c.req.arrayBuffer());
        const rows = csvRows(piecesOf(Buffer.from(text)), { delimiter: delimiterOf(text) });
        try {
          return c.json(await importTable(ledger, { site: c.get('site'), rows, what, actor: 'import' }));
        } catch (error) {
          if (error instanceof AppError || !(error instanceof Error) || !isAboutFile(error)) throw error;
          throw new AppError('invalid_request', { message: error.message, cause: error });
        }
      },
    );
  }
  return app;
}

/** TRICKY: Excel still saves "CSV" in the code page of Windows, in which no name with an umlaut is valid UTF-8. */
function textOf(body: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return new TextDecoder('windows-1252').decode(body);
  }
}

async function* piecesOf(body: Buffer): AsyncGenerator<Buffer> {
  yield body;
}

function isAboutFile({ message }: Error): boolean {
  return message.startsWith('The CSV cannot be read') || message.startsWith('The file is empty');
}
