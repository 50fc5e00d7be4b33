/** 96 random bits, at most 21 characters. `crypto.randomUUID` would need a secure context, this works on plain http too. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (word) => word.toString(36)).join('');
}
