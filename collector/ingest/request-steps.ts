import { limits } from '../contract/limits.ts';
import { wireBatch } from '../contract/wire.ts';
import type { ErrorCode, ErrorDetail } from '../errors.ts';
import { cleanJsonAround, ForbiddenKey } from './clean-json.ts';
import { isTooDeep } from './json-depth.ts';
import { parseJson } from './parse-json.ts';
import { type OpenBatch, plainWireBatch } from './plain-wire.ts';

/** A beacon on its way to becoming a batch of events. */
export interface BeaconDraft {
  body: Uint8Array;
  contentType: string | undefined;
  header: (name: string) => string | undefined;
  address: string;
  json: unknown;
  batch: OpenBatch | undefined;
}

/** Why a whole request is turned away. */
export interface Refusal {
  status: 400 | 413 | 429;
  code: ErrorCode;
  message?: string;
  details?: ErrorDetail[];
  retryAfterSeconds?: number;
}

/** Whole seconds that this address must wait before its next beacon; 0: it need not. */
type WaitOfAddress = (address: string) => number;

export type RequestStep = (draft: BeaconDraft, waitOfAddress: WaitOfAddress) => Refusal | undefined;

/** What happens to each beacon before its events are looked at, cheapest first. The site is looked up after it. */
export const requestSteps: readonly { name: string; run: RequestStep }[] = [
  { name: 'rate', run: refuseFlood },
  { name: 'size', run: refuseLargeBody },
  { name: 'media type', run: refuseOtherMedia },
  { name: 'depth', run: refuseDeepJson },
  { name: 'parse', run: parseBody },
  { name: 'batch schema', run: parseBatch },
];

function refuseFlood({ address }: BeaconDraft, waitOfAddress: WaitOfAddress): Refusal | undefined {
  const retryAfterSeconds = waitOfAddress(address);
  return retryAfterSeconds > 0 ? { status: 429, code: 'too_many_requests', retryAfterSeconds } : undefined;
}

function refuseLargeBody({ body }: BeaconDraft): Refusal | undefined {
  if (body.byteLength <= limits.beaconBytes) return undefined;
  return { status: 413, code: 'too_large', message: `A beacon has at most ${limits.beaconBytes} bytes.` };
}

function refuseOtherMedia({ contentType, header }: BeaconDraft): Refusal | undefined {
  const type = /^\s*(text\/plain|application\/json)\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
  // Compressed bodies are refused: 50 kB can unpack to 50 MB, and a beacon is too small to gain from it.
  const encoding = header('content-encoding') ?? 'identity';
  if (type.test(contentType ?? '') && encoding === 'identity') return undefined;
  return {
    status: 400,
    code: 'unsupported_media_type',
    message: 'Send the body uncompressed, as text/plain or application/json in UTF-8.',
  };
}

function refuseDeepJson({ body }: BeaconDraft): Refusal | undefined {
  return isTooDeep(body, limits.jsonDepth) ? { status: 400, code: 'too_deep' } : undefined;
}

function parseBody(draft: BeaconDraft): Refusal | undefined {
  try {
    draft.json = parseJson(draft.body);
    return undefined;
  } catch {
    return { status: 400, code: 'invalid_json' };
  }
}

function parseBatch(draft: BeaconDraft): Refusal | undefined {
  const refuse = (detail: ErrorDetail): Refusal => ({
    status: 400,
    code: 'invalid_request',
    message: 'Not a batch of events.',
    details: [detail],
  });
  let envelope: unknown = draft.json;
  try {
    // The events are cleaned one by one, so that one bad event does not cost the others.
    if (typeof envelope === 'object' && envelope !== null && 'events' in envelope) {
      envelope = cleanJsonAround('events', envelope);
    }
  } catch (error) {
    if (error instanceof ForbiddenKey) return refuse({ path: '', message: error.message });
    throw error;
  }
  draft.batch = plainWireBatch(envelope);
  if (draft.batch) return undefined;
  const parsed = wireBatch.safeParse(envelope);
  if (parsed.success) {
    draft.batch = parsed.data;
    return undefined;
  }
  // The first of them will do: whoever floods the door with nonsense gets short answers.
  const [issue] = parsed.error.issues;
  return refuse({
    path: issue?.path.map(String).join('.') ?? '',
    message: issue?.message.replace('Invalid input: ', '') ?? '',
  });
}
