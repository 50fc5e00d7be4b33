const quote = 0x22;
const backslash = 0x5c;

/**
 * Whether the JSON text nests objects and arrays deeper than the limit. Scans bytes before anything is parsed: a value nested a
 * million times parses without complaint, and then throws when it is written again.
 */
export function isTooDeep(json: Uint8Array, limit: number): boolean {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (inText) {
      if (byte === backslash) index += 1;
      else if (byte === quote) inText = false;
    } else if (byte === quote) {
      inText = true;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
    }
  }
  return false;
}
