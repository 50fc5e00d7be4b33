import { isUtf8 } from 'node:buffer';

/** The JSON value of a body in UTF-8. Throws a SyntaxError where it is none. */
export function parseJson(body: Uint8Array): unknown {
  if (!isUtf8(body)) throw new SyntaxError('the body is not UTF-8');
  return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
}
