/** 96 random bits as up to 30 digits. `crypto.randomUUID` would need a secure context, this works on plain http too. */
export const randomId = (): string => crypto.getRandomValues(new Uint32Array(3)).join('');
