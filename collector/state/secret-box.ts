import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Keeps secrets that must be read again (signing secrets, headers of endpoints) unreadable in the store and its copies. */
export interface SecretBox {
  seal(text: string): string;
  /** Text that was never sealed comes back as it is. Throws where the key is not the one that sealed it. */
  open(sealed: string): string;
}

const prefix = 'sealed:1:';
const keyBytes = 32;
/** What NIST SP 800-38D recommends for GCM. */
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM with the key in `keyFile`, which is made when the first secret is sealed. It lies beside the store and not in it: a
 * copy of the store alone tells nobody the secrets. Null: a key that lives as long as this process.
 */
export function createSecretBox(keyFile: string | null): SecretBox {
  let known: Buffer | undefined = keyFile === null ? randomBytes(keyBytes) : undefined;
  const key = (): Buffer => {
    known ??= readKey(keyFile ?? '');
    return known;
  };
  return {
    seal(text) {
      known ??= makeKey(keyFile ?? '');
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', known, nonce);
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return prefix + sealed.toString('base64');
    },
    open(sealed) {
      if (!sealed.startsWith(prefix)) return sealed;
      try {
        const bytes = Buffer.from(sealed.slice(prefix.length), 'base64');
        const decipher = createDecipheriv('aes-256-gcm', key(), bytes.subarray(0, nonceBytes));
        decipher.setAuthTag(bytes.subarray(-tagBytes));
        return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new Error(
          'The secrets of the webhook endpoints cannot be read: secret.key beside the state store is missing or belongs to another store. Put it back from a backup, or change the secret of each endpoint.',
          { cause },
        );
      }
    },
  };
}

function makeKey(file: string): Buffer {
  try {
    const made = randomBytes(keyBytes);
    const descriptor = openSync(file, 'wx', 0o600);
    writeSync(descriptor, made);
    // On the disk before anything sealed with it is: a power cut must not leave secrets without their key.
    fsyncSync(descriptor);
    closeSync(descriptor);
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readKey(file);
    throw error;
  }
}

function readKey(file: string): Buffer {
  const key = readFileSync(file);
  if (key.length !== keyBytes) throw new Error(`${file} is not a key of Telltale.`);
  return key;
}
